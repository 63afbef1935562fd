import { ActionIcon, Box, Menu, Text } from '@mantine/core';
import { IconDots, IconHistory, IconKeyOff, IconPencil, IconRefresh } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { ApiKey } from '../../../../../contracts/api/account/api-keys.ts';
import { useCurrency } from '../../../lib/currency.ts';
import { formatDate, formatTimeShort, formatTokens, sentenceList } from '../../../lib/format.ts';
import { paths } from '../../../lib/paths.ts';
import { nameOf } from '../../../lib/person.ts';
import type { Column } from '../../../ui/data-table/columns.ts';
import { DataTable, type RowsQuery } from '../../../ui/data-table/data-table.tsx';
import list from '../../../ui/data-table/list-card.module.css';
import { useUser } from '../../auth/auth-context.tsx';
import type { SpendById } from '../../usage/spend.ts';
import { isLive, limitsOf, rightsOf } from '../api-key-words.ts';
import { KeyStatus } from './key-status.tsx';

export type KeyAction = 'edit' | 'rotate' | 'revoke';
type OnAct = (key: ApiKey, action: KeyAction) => void;

/** Actions for a key. Keys of others can be revoked; only their owners change them. */
function Actions({ apiKey, onAct }: { apiKey: ApiKey; onAct: OnAct }) {
  const isOwn = useUser().id === apiKey.user_id;
  if (!isLive(apiKey, Date.now())) return null;
  return (
    <Menu position="bottom-end" width={200}>
      <Menu.Target>
        <ActionIcon aria-label={`Actions for ${apiKey.name}`}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          component={Link}
          to={paths.executionsOf({ api_key_id: apiKey.id })}
          leftSection={<IconHistory size={16} />}
        >
          Executions
        </Menu.Item>
        {isOwn && (
          <>
            <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => onAct(apiKey, 'edit')}>
              Edit
            </Menu.Item>
            <Menu.Item leftSection={<IconRefresh size={16} />} onClick={() => onAct(apiKey, 'rotate')}>
              Rotate the secret
            </Menu.Item>
            <Menu.Divider />
          </>
        )}
        <Menu.Item
          c="var(--mantine-color-error)"
          leftSection={<IconKeyOff size={16} />}
          onClick={() => onAct(apiKey, 'revoke')}
        >
          Revoke
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

const Name = ({ apiKey }: { apiKey: ApiKey }) => (
  <Box miw={0}>
    <Text size="sm" fw={550} lineClamp={2}>
      {apiKey.name}
    </Text>
    <Text size="xs" c="dimmed" ff="monospace">
      {apiKey.prefix}…
    </Text>
  </Box>
);

/** The permissions of a key and its allowed models. */
function Rights({ apiKey: { scopes, allowed_models } }: { apiKey: ApiKey }) {
  return (
    <>
      <Text size="sm">{rightsOf(scopes)}</Text>
      {allowed_models !== null && (
        <Text size="xs" c="dimmed" lineClamp={2}>
          Models: {sentenceList(allowed_models)}
        </Text>
      )}
    </>
  );
}

function Limits({ apiKey }: { apiKey: ApiKey }) {
  const limits = limitsOf(apiKey, useCurrency());
  if (limits.length === 0)
    return (
      <Text size="sm" c="dimmed">
        No limits
      </Text>
    );
  return limits.map((limit) => (
    <Text key={limit} size="sm" className={`figure ${list.nowrap}`}>
      {limit}
    </Text>
  ));
}

function LimitsLine({ apiKey }: { apiKey: ApiKey }) {
  const limits = limitsOf(apiKey, useCurrency());
  return (
    limits.length > 0 && (
      <Text size="xs" c="dimmed" className="figure">
        At most {sentenceList(limits)}
      </Text>
    )
  );
}

const usedText = ({ last_used_at }: ApiKey) =>
  last_used_at === null ? 'Never' : formatTimeShort(last_used_at);

/** Expiry or revocation of a key, with the date. */
function endText({ revoked_at, expires_at }: ApiKey): string {
  if (revoked_at !== null) return `Revoked ${formatDate(revoked_at)}`;
  if (expires_at === null) return 'Never expires';
  return `${Date.parse(expires_at) <= Date.now() ? 'Expired' : 'Expires'} ${formatDate(expires_at)}`;
}

function End({ apiKey }: { apiKey: ApiKey }) {
  const until = apiKey.previous_valid_until;
  return (
    <>
      <Text size="xs" c="dimmed" className={list.nowrap}>
        {endText(apiKey)}
      </Text>
      {until !== null && isLive(apiKey, Date.now()) && Date.parse(until) > Date.now() && (
        <Text size="xs" c="dimmed">
          Previous secret until {formatTimeShort(until)}
        </Text>
      )}
    </>
  );
}

/** The wallet tokens of a key, which lead to its usage by model. */
function SpendLink({ apiKey: { id, name }, tokens }: { apiKey: ApiKey; tokens: string }) {
  const { role, tenant_id } = useUser();
  const query = new URLSearchParams({ by: 'model', api_key_id: id });
  // A superadmin's usage is that of all tenants.
  if (role === 'superadmin') query.set('tenant_id', tenant_id);
  return (
    <Link
      to={`${paths.usage}?${query}`}
      className={list.link}
      aria-label={`${tokens} tokens: usage of ${name}`}
    >
      {tokens}
    </Link>
  );
}

const executionsText = (executions: number) =>
  `${formatTokens(executions)} ${executions === 1 ? 'execution' : 'executions'}`;

/** The spend of keys in the last 30 days. A dash while it is not known. */
const spendColumn = (spendBy: SpendById): Column<ApiKey> => ({
  id: 'spend',
  header: 'Spent, 30 days',
  cell: (key) => {
    const spend = spendBy(key.id);
    if (spend === null) return '–';
    return (
      <>
        <Text size="sm" fw={550}>
          <SpendLink apiKey={key} tokens={formatTokens(spend.wallet_tokens)} />
        </Text>
        <Text size="xs" c="dimmed">
          {executionsText(spend.executions)}
        </Text>
      </>
    );
  },
  isNumeric: true,
  sortBy: ({ id }) => spendBy(id)?.wallet_tokens ?? null,
  card: [
    {
      at: 'body',
      cell: (key) => {
        const spend = spendBy(key.id);
        if (spend === null) return null;
        return (
          <Text size="xs" c="dimmed" className="figure">
            <SpendLink apiKey={key} tokens={formatTokens(spend.wallet_tokens)} /> spent in 30 days ·{' '}
            {executionsText(spend.executions)}
          </Text>
        );
      },
    },
  ],
});

const keyColumn: Column<ApiKey> = {
  id: 'key',
  header: 'Key',
  cell: (key) => <Name apiKey={key} />,
  widthMax: 220,
  sortBy: ({ name }) => name,
  card: 'title',
};

const userColumn: Column<ApiKey> = {
  id: 'user',
  header: 'User',
  cell: ({ user }) => (
    <Text size="sm" truncate title={user.email}>
      {nameOf(user)}
    </Text>
  ),
  widthMax: 180,
  sortBy: ({ user }) => nameOf(user),
  card: 'body',
};

const otherColumns: Column<ApiKey>[] = [
  {
    id: 'rights',
    header: 'Permissions',
    cell: (key) => <Rights apiKey={key} />,
    widthMax: 220,
    card: 'body',
  },
  {
    id: 'limits',
    header: 'Limits',
    cell: (key) => <Limits apiKey={key} />,
    card: [{ at: 'body', cell: (key) => <LimitsLine apiKey={key} /> }],
  },
  {
    id: 'used',
    header: 'Last used',
    cell: usedText,
    isOneLine: true,
    sortBy: ({ last_used_at }) => last_used_at,
    card: [{ at: 'foot', cell: (key) => `Last used: ${usedText(key)}` }],
  },
  {
    id: 'status',
    header: 'Status',
    cell: (key) => (
      <>
        <KeyStatus apiKey={key} />
        <End apiKey={key} />
      </>
    ),
    card: [
      { at: 'corner', cell: (key) => <KeyStatus apiKey={key} /> },
      { at: 'foot', cell: (key) => <End apiKey={key} /> },
    ],
  },
];

type KeyListProps = {
  query: RowsQuery<ApiKey>;
  withUsers: boolean;
  spendBy: SpendById;
  empty: ReactNode;
  onAct: OnAct;
};

/** API keys, newest first. */
export function KeyList({ query, withUsers, spendBy, empty, onAct }: KeyListProps) {
  return (
    <DataTable
      label="API keys"
      query={query}
      columns={[keyColumn, ...(withUsers ? [userColumn] : []), spendColumn(spendBy), ...otherColumns]}
      keyOf={({ id }) => id}
      actions={(key) => <Actions apiKey={key} onAct={onAct} />}
      empty={empty}
      widthMin={840}
    />
  );
}
