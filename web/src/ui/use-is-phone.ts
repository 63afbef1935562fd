import { useMediaQuery } from '@mantine/hooks';

/** Too narrow for a table: lists become cards. The same width at which the navigation moves to the bottom. */
export const useIsPhone = (): boolean =>
  useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
