import { Badge, Button, Group, Paper, Table, Text, Title } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import type { UserDetail } from '../../../../../contracts/api/tenant/policies.ts';
import { useCurrency } from '../../../lib/currency.ts';
import list from '../../../ui/data-table/list-card.module.css';
import tones from '../../../ui/tones.module.css';
import { fieldLabels, policyFields, wordsOf } from '../../policy/policy-words.ts';

/** The policy of a user: each value and its source, the level or the user. */
export function UserPolicy({ detail, onEdit }: { detail: UserDetail; onEdit: () => void }) {
  const currency = useCurrency();
  const { user, override, level_policy, effective_policy, self_made_changes_off_by } = detail;
  return (
    <Paper withBorder p={{ base: 'md', sm: 'lg' }} component="section" aria-labelledby="policy">
      <Group justify="space-between" mb="sm">
        <Title order={2} id="policy">
          Policy
        </Title>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPencil size={15} aria-hidden />}
          disabled={self_made_changes_off_by !== null}
          onClick={onEdit}
        >
          Edit the policy
        </Button>
      </Group>
      <Table className={list.table} verticalSpacing={8} horizontalSpacing={0} aria-label="Policy">
        <Table.Tbody>
          {policyFields.map((field) => (
            <Table.Tr key={field}>
              <Table.Td>
                <Text size="sm" c="dimmed">
                  {fieldLabels[field]}
                </Text>
              </Table.Td>
              <Table.Td>
                <Text size="sm" fw={600} className="figure">
                  {wordsOf(field, effective_policy, currency)}
                </Text>
                {override[field] !== null && (
                  <Text size="xs" c="dimmed">
                    instead of {wordsOf(field, level_policy, currency)}
                  </Text>
                )}
              </Table.Td>
              <Table.Td ta="end">
                {override[field] === null ? (
                  <Badge className={tones.plain}>{user.level.name}</Badge>
                ) : (
                  <Badge className={tones.info}>Own</Badge>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Paper>
  );
}
