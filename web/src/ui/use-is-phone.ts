import { useMediaQuery } from '@mantine/hooks';

/** True on a narrow screen, where lists become cards and the navigation moves to the bottom. */
export const useIsPhone = (): boolean =>
  useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
