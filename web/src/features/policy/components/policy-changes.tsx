import { Group, Stack, Text, VisuallyHidden } from '@mantine/core';
import { IconArrowRight } from '@tabler/icons-react';
import type { TokenPolicy } from '../../../../../contracts/api/tenant/policies.ts';
import { useCurrency } from '../../../lib/currency.ts';
import { changedFields, fieldLabels, wordsOf } from '../policy-words.ts';

/** The differences between two policies, before and after. */
export function PolicyChanges({ before, after }: { before: TokenPolicy; after: TokenPolicy }) {
  const currency = useCurrency();
  return (
    <Stack gap="xs" component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
      {changedFields(before, after).map((field) => (
        <li key={field}>
          <Text size="xs" c="dimmed" fw={550}>
            {fieldLabels[field]}
          </Text>
          <Group gap={6}>
            <Text size="sm" td="line-through" c="dimmed">
              <VisuallyHidden>from </VisuallyHidden>
              {wordsOf(field, before, currency)}
            </Text>
            <IconArrowRight size={14} aria-hidden />
            <Text size="sm" fw={600}>
              <VisuallyHidden>to </VisuallyHidden>
              {wordsOf(field, after, currency)}
            </Text>
          </Group>
        </li>
      ))}
    </Stack>
  );
}
