import { Text } from '@mantine/core';
import { formatShare } from '../../../lib/format.ts';

/** A margin in percent. A loss is shown in the color of errors; a price of nothing has no margin. */
export const Margin = ({ margin }: { margin: number | null }) => (
  <Text
    size="sm"
    className="figure"
    {...(margin !== null && margin < 0 ? { c: 'var(--mantine-color-error)', fw: 600 } : {})}
  >
    {margin === null ? '–' : formatShare(margin)}
  </Text>
);
