import { Badge, Box, Group, Stack, Table, Text } from '@mantine/core';
import type { DomainRecord } from '../../../../../contracts/api/tenant/domains.ts';
import { CopyIcon } from '../../../ui/copyable.tsx';
import tones from '../../../ui/tones.module.css';
import { useIsPhone } from '../../../ui/use-is-phone.ts';
import { purposeOf } from '../domain-words.ts';

const keyOf = ({ type, name, value }: DomainRecord) => `${type} ${name} ${value}`;

type ValueProps = { record: DomainRecord; field: 'name' | 'value' };

/** A value to copy, whole: it has to be typed exactly. */
function Value({ record, field }: ValueProps) {
  return (
    <Group gap={4} wrap="nowrap" align="start">
      <Text ff="monospace" size="xs" pt={6} style={{ overflowWrap: 'anywhere' }}>
        {record[field]}
      </Text>
      <CopyIcon
        value={record[field]}
        label={`Copy the ${field} of the ${record.type} record ${record.name}`}
      />
    </Group>
  );
}

const Type = ({ record }: { record: DomainRecord }) => <Badge className={tones.plain}>{record.type}</Badge>;

function RecordTable({ records, label }: RecordsProps) {
  return (
    <Table.ScrollContainer minWidth={620}>
      <Table aria-label={label} verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={90}>Type</Table.Th>
            <Table.Th>Name</Table.Th>
            <Table.Th>Value</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {records.map((record) => (
            <Table.Tr key={keyOf(record)} style={{ verticalAlign: 'top' }}>
              <Table.Td pt={12}>
                <Type record={record} />
              </Table.Td>
              <Table.Td>
                <Value record={record} field="name" />
                <Text size="xs" c="dimmed">
                  {purposeOf(record)}
                </Text>
              </Table.Td>
              <Table.Td>
                <Value record={record} field="value" />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function RecordList({ records, label }: RecordsProps) {
  return (
    <Stack component="ul" gap="md" m={0} p={0} aria-label={label} style={{ listStyle: 'none' }}>
      {records.map((record) => (
        <Box component="li" key={keyOf(record)}>
          <Group gap="xs">
            <Type record={record} />
            <Text size="xs" c="dimmed">
              {purposeOf(record)}
            </Text>
          </Group>
          {(['name', 'value'] as const).map((field) => (
            <Box key={field} mt={6}>
              <Text size="xs" c="dimmed">
                {field === 'name' ? 'Name' : 'Value'}
              </Text>
              <Value record={record} field={field} />
            </Box>
          ))}
        </Box>
      ))}
    </Stack>
  );
}

type RecordsProps = {
  records: DomainRecord[];
  /** The accessible name. */
  label: string;
};

/** The records to set at a DNS provider, each value with a copy button: a table, or a list on a phone. */
export function DomainRecords(props: RecordsProps) {
  return useIsPhone() ? <RecordList {...props} /> : <RecordTable {...props} />;
}
