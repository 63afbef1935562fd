import { Badge, Group, Paper, Stack, Table, Text } from '@mantine/core';
import { IconCircleCheck, IconClock, IconCoins, IconHistory, IconStackPop } from '@tabler/icons-react';
import type { EffectivePrice, ModelPrice } from '../../../../../contracts/api/catalog.ts';
import { formatMicroUsd, formatTimeShort, formatTokens } from '../../../lib/format.ts';
import { classNames, usageClasses } from '../../../lib/usage-classes.ts';
import list from '../../../ui/data-table/list-card.module.css';
import tones from '../../../ui/tones.module.css';
import { useIsPhone } from '../../../ui/use-is-phone.ts';
import { type PriceState, priceStateOf } from '../model-catalog.ts';

const looks = {
  in_force: { label: 'In force', tone: 'good', icon: IconCircleCheck },
  cost_in_force: { label: 'Cost in force', tone: 'good', icon: IconCoins },
  planned: { label: 'Planned', tone: 'info', icon: IconClock },
  past: { label: 'Past', tone: 'plain', icon: IconHistory },
  overruled: { label: 'Overruled', tone: 'plain', icon: IconStackPop },
} as const;

function State({ state }: { state: PriceState }) {
  const { label, tone, icon: Icon } = looks[state];
  return (
    <Badge className={tones[tone]} leftSection={<Icon size={13} stroke={2} aria-hidden />}>
      {label}
    </Badge>
  );
}

type PriceListProps = {
  items: ModelPrice[];
  /** What holds now. */
  inForce: EffectivePrice | null;
  /** What the tenant's own list is called: on the platform there is one list only. */
  isPlatform: boolean;
};

const keyOf = ({ list: whose, version }: ModelPrice) => `${whose} ${version}`;
const listName = ({ list: whose }: ModelPrice) => (whose === 'tenant' ? 'Yours' : 'The platform’s');

function Figures({ price, name }: { price: ModelPrice; name: (typeof usageClasses)[number] }) {
  return (
    <>
      <Text size="sm" fw={600} component="span" className="figure">
        {formatTokens(price.wallet_tokens_per_1000[name])}
      </Text>
      {price.micro_usd_per_million !== null && (
        <Text size="xs" c="dimmed" className="figure">
          {formatMicroUsd(price.micro_usd_per_million[name])}
        </Text>
      )}
    </>
  );
}

function PriceCards({ items, inForce, isPlatform }: PriceListProps) {
  return (
    <Paper withBorder component="ul" className={list.list}>
      {items.map((price) => (
        <li key={keyOf(price)} className={list.item}>
          <Group justify="space-between">
            <Text size="sm" fw={600}>
              Version {price.version}
              {!isPlatform && ` · ${listName(price)}`}
            </Text>
            <State state={priceStateOf(price, inForce, Date.now())} />
          </Group>
          <Text size="xs" c="dimmed" mb="xs">
            From {formatTimeShort(price.effective_from)}
          </Text>
          <Stack gap={2}>
            {usageClasses.map((name) => (
              <Group key={name} justify="space-between" wrap="nowrap">
                <Text size="xs">{classNames[name]}</Text>
                <Text size="xs" className="figure">
                  {formatTokens(price.wallet_tokens_per_1000[name])}
                  {price.micro_usd_per_million !== null &&
                    ` · ${formatMicroUsd(price.micro_usd_per_million[name])}`}
                </Text>
              </Group>
            ))}
          </Stack>
        </li>
      ))}
    </Paper>
  );
}

function PriceTable({ items, inForce, isPlatform }: PriceListProps) {
  return (
    <Paper withBorder>
      <Table.ScrollContainer minWidth={720} type="native">
        <Table className={list.table} verticalSpacing="sm" horizontalSpacing="md" aria-label="Prices">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Version</Table.Th>
              {!isPlatform && <Table.Th>List</Table.Th>}
              <Table.Th>From</Table.Th>
              <Table.Th>Status</Table.Th>
              {usageClasses.map((name) => (
                <Table.Th key={name} className={list.number}>
                  {classNames[name]}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((price) => (
              <Table.Tr key={keyOf(price)}>
                <Table.Td className="figure">{price.version}</Table.Td>
                {!isPlatform && <Table.Td className={list.nowrap}>{listName(price)}</Table.Td>}
                <Table.Td className={list.nowrap}>{formatTimeShort(price.effective_from)}</Table.Td>
                <Table.Td>
                  <State state={priceStateOf(price, inForce, Date.now())} />
                </Table.Td>
                {usageClasses.map((name) => (
                  <Table.Td key={name} className={list.number}>
                    <Figures price={price} name={name} />
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Paper>
  );
}

/** Every version of a model's price: wallet tokens per 1,000, and below them dollars per million where the list says what it costs. */
export function PriceList(props: PriceListProps) {
  return useIsPhone() ? <PriceCards {...props} /> : <PriceTable {...props} />;
}
