import { Badge, Group, Text } from '@mantine/core';
import { IconCircleCheck, IconClock, IconCoins, IconHistory, IconStackPop } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { ModelPrice } from '../../../../../contracts/api/catalog.ts';
import { fallbackOf, type OptionalClass } from '../../../../../contracts/catalog/price.ts';
import { formatMicroUsd, formatTimeShort, formatTokens } from '../../../lib/format.ts';
import { type CommonClass, classNames, commonClasses, optionalClasses } from '../../../lib/usage-classes.ts';
import type { Column } from '../../../ui/data-table/columns.ts';
import { DataTable, type RowsQuery } from '../../../ui/data-table/data-table.tsx';
import tones from '../../../ui/tones.module.css';
import type { CatalogModel } from '../api/catalog.ts';
import { type PriceState, priceStateOf } from '../model-catalog.ts';
import { ofKind } from './price-figures.tsx';

const looks = {
  in_force: { label: 'Active', tone: 'good', icon: IconCircleCheck },
  cost_in_force: { label: 'Active cost', tone: 'good', icon: IconCoins },
  planned: { label: 'Scheduled', tone: 'info', icon: IconClock },
  past: { label: 'Past', tone: 'plain', icon: IconHistory },
  overruled: { label: 'Overridden', tone: 'plain', icon: IconStackPop },
} as const;

function State({ state }: { state: PriceState }) {
  const { label, tone, icon: Icon } = looks[state];
  return (
    <Badge className={tones[tone]} leftSection={<Icon size={13} stroke={2} aria-hidden />}>
      {label}
    </Badge>
  );
}

/** The kind of a model, and the price that applies now. */
type PricedModel = Pick<CatalogModel, 'kind' | 'price'>;

type PriceListProps = {
  query: RowsQuery<ModelPrice>;
  model: PricedModel;
  /** True on the platform, which has one list only. */
  isPlatform: boolean;
  empty: ReactNode;
};

const listName = ({ list }: ModelPrice) => (list === 'tenant' ? 'Yours' : 'The platform’s');

const walletTokens = (price: ModelPrice, name: CommonClass) =>
  formatTokens(price.wallet_tokens_per_1000[name]);

/** The cost in US dollars; null when the price does not set it. */
const cost = ({ micro_usd_per_million }: ModelPrice, name: CommonClass) =>
  micro_usd_per_million === null ? null : formatMicroUsd(micro_usd_per_million[name]);

/** The figures for long prompts, such as `above 200,000: 6,000`. */
const tierLines = ({ wallet_tokens_per_1000: { tiers = [] } }: ModelPrice, name: CommonClass): string[] =>
  tiers.map((tier) => `above ${formatTokens(tier.above_input_tokens)}: ${formatTokens(tier[name])}`);

/** The optional classes in words, below the class whose rate they have unless they have their own. */
const optionalNames: Record<OptionalClass, string> = {
  input_image: 'images',
  input_audio: 'audio',
  cache_write_1h: 'for an hour',
  output_image: 'images',
  output_audio: 'audio',
};

/** The figures of optional classes that have their own, such as `images: 3,000 · $5.00`. */
function optionalLines(price: ModelPrice, name: CommonClass): string[] {
  const { wallet_tokens_per_1000: wallet, micro_usd_per_million: cost } = price;
  const ofClass = optionalClasses.filter((optional) => fallbackOf(optional) === name);
  return ofClass.flatMap((key) => {
    const figures = [
      ...(wallet[key] === undefined ? [] : [formatTokens(wallet[key])]),
      ...(cost?.[key] === undefined ? [] : [formatMicroUsd(cost[key])]),
    ];
    const label = optionalNames[key];
    const tiers = (wallet.tiers ?? []).flatMap(({ above_input_tokens, [key]: rate }) =>
      rate === undefined ? [] : [`${label} above ${formatTokens(above_input_tokens)}: ${formatTokens(rate)}`],
    );
    return [...(figures.length === 0 ? [] : [`${label}: ${figures.join(' · ')}`]), ...tiers];
  });
}

/** The figures beside the base ones. */
const moreLines = (price: ModelPrice, name: CommonClass): string[] => [
  ...optionalLines(price, name),
  ...tierLines(price, name),
];

function Figures({ price, name }: { price: ModelPrice; name: CommonClass }) {
  return (
    <>
      <Text size="sm" fw={600} component="span" className="figure">
        {walletTokens(price, name)}
      </Text>
      <Text size="xs" c="dimmed" className="figure">
        {cost(price, name)}
      </Text>
      {moreLines(price, name).map((line) => (
        <Text key={line} size="xs" c="dimmed" className="figure">
          {line}
        </Text>
      ))}
    </>
  );
}

function FiguresLine({ price, name }: { price: ModelPrice; name: CommonClass }) {
  return (
    <Group justify="space-between" wrap="nowrap" mt={2}>
      <Text size="xs">{classNames[name]}</Text>
      <Text size="xs" className="figure">
        {[walletTokens(price, name), cost(price, name), ...moreLines(price, name)]
          .filter((figure) => figure !== null)
          .join(' · ')}
      </Text>
    </Group>
  );
}

const listColumn: Column<ModelPrice> = {
  id: 'list',
  header: 'List',
  cell: listName,
  isOneLine: true,
  sortBy: listName,
  card: [],
};

const figureColumnOf = (name: CommonClass): Column<ModelPrice> => ({
  id: name,
  header: classNames[name],
  cell: (price) => <Figures price={price} name={name} />,
  isNumeric: true,
  card: [{ at: 'body', cell: (price) => <FiguresLine price={price} name={name} /> }],
});

const columnsOf = ({ kind, price: inForce }: PricedModel, isPlatform: boolean): Column<ModelPrice>[] => [
  {
    id: 'version',
    header: 'Version',
    cell: ({ version }) => version,
    sortBy: ({ version }) => version,
    card: [
      {
        at: 'title',
        cell: (price) => (
          <Text size="sm" fw={600}>
            Version {price.version}
            {!isPlatform && ` · ${listName(price)}`}
          </Text>
        ),
      },
    ],
  },
  ...(isPlatform ? [] : [listColumn]),
  {
    id: 'from',
    header: 'From',
    cell: ({ effective_from }) => formatTimeShort(effective_from),
    isOneLine: true,
    sortBy: ({ effective_from }) => effective_from,
    card: [
      {
        at: 'title',
        cell: ({ effective_from }) => (
          <Text size="xs" c="dimmed">
            From {formatTimeShort(effective_from)}
          </Text>
        ),
      },
    ],
  },
  {
    id: 'status',
    header: 'Status',
    cell: (price) => <State state={priceStateOf(price, inForce, Date.now())} />,
    card: 'corner',
  },
  ...ofKind(commonClasses, kind).map(figureColumnOf),
];

/** All versions of a model's price: wallet tokens per 1,000, and US dollars per million below them. */
export function PriceList({ query, model, isPlatform, empty }: PriceListProps) {
  return (
    <DataTable
      label="Prices"
      query={query}
      columns={columnsOf(model, isPlatform)}
      keyOf={({ list, version }) => `${list} ${version}`}
      empty={empty}
    />
  );
}
