import { SimpleGrid, Table, Text } from '@mantine/core';
import type { Execution } from '../../../../../contracts/api/executions.ts';
import { currencyTitle, useCurrency } from '../../../lib/currency.ts';
import list from '../../../ui/data-table/list-card.module.css';
import { type WorkedPrice, workedCharge, workedCost } from '../worked-price.ts';
import classes from './receipt.module.css';
import { DetailSection } from './section.tsx';

function Row({ label, hint, value }: { label: string; hint: string | null; value: string }) {
  return (
    <>
      <Table.Td>
        {label}
        {hint !== null && (
          <Text size="xs" c="dimmed" className="figure">
            {hint}
          </Text>
        )}
      </Table.Td>
      <Table.Td className={list.number}>{value}</Table.Td>
    </>
  );
}

type WorkedProps = { title: string; total: string; worked: WorkedPrice };

function Worked({ title, total, worked }: WorkedProps) {
  const { source, classes: used, sum, difference } = worked;
  return (
    <div>
      <Text size="sm" fw={600}>
        {title}
      </Text>
      <Text size="xs" c="dimmed">
        {source}
      </Text>
      <Table className={list.table} verticalSpacing={8} horizontalSpacing={0} aria-label={title}>
        <Table.Tbody>
          {used.map(({ label, factors, product }) => (
            <Table.Tr key={label}>
              <Row label={label} hint={factors} value={product} />
            </Table.Tr>
          ))}
          {difference !== null && (
            <Table.Tr>
              <Row label="Sum" hint={null} value={sum} />
            </Table.Tr>
          )}
          <Table.Tr className={classes.total}>
            <Row label={total} hint={difference} value={worked.total} />
          </Table.Tr>
        </Table.Tbody>
      </Table>
    </div>
  );
}

/** The calculation of the charge and, where it is shown, of the provider's cost: tokens of each class times their rate. */
export function WorkedOut({ execution }: { execution: Execution }) {
  const currency = useCurrency();
  const charge = workedCharge(execution);
  const cost = workedCost(execution);
  if (charge === null) return null;
  return (
    <DetailSection title="Calculation">
      <SimpleGrid cols={{ base: 1, sm: cost === null ? 1 : 2 }} spacing="xl">
        <Worked title={currencyTitle(currency)} total="Charged" worked={charge} />
        {cost !== null && <Worked title="US dollars" total="Provider cost" worked={cost} />}
      </SimpleGrid>
    </DetailSection>
  );
}
