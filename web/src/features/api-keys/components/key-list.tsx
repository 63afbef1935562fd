import { ActionIcon, Box, Group, Menu, Paper, Table, Text, VisuallyHidden } from '@mantine/core';
import { IconDots, IconKeyOff, IconPencil, IconRefresh } from '@tabler/icons-react';
import type { ApiKey } from '../../../../../contracts/api/api-keys.ts';
import { formatDate, formatTimeShort, listOf } from '../../../lib/format.ts';
import list from '../../../ui/list-card.module.css';
import { useIsPhone } from '../../../ui/use-is-phone.ts';
import { useUser } from '../../auth/auth-context.tsx';
import { isLive, limitsOf, rightsOf } from '../api-key-words.ts';
import { KeyStatus } from './key-status.tsx';

export type KeyAction = 'edit' | 'rotate' | 'revoke';
type OnAct = (key: ApiKey, action: KeyAction) => void;
type KeyListProps = {
  items: ApiKey[];
  onAct: OnAct;
  /** Whether the list may hold keys of several people. */
  withPeople: boolean;
};

/** What can be done with a key. Others' keys can be revoked, and changed by nobody but their owner. */
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

/** What a key may do, with which models. */
function Rights({ apiKey: { scopes, allowed_models } }: { apiKey: ApiKey }) {
  return (
    <>
      <Text size="sm">{rightsOf(scopes)}</Text>
      {allowed_models !== null && (
        <Text size="xs" c="dimmed" lineClamp={2}>
          Models: {listOf(allowed_models)}
        </Text>
      )}
    </>
  );
}

function Limits({ apiKey }: { apiKey: ApiKey }) {
  const limits = limitsOf(apiKey);
  if (limits.length === 0)
    return (
      <Text size="sm" c="dimmed">
        None of its own
      </Text>
    );
  return limits.map((limit) => (
    <Text key={limit} size="sm" className={`figure ${list.nowrap}`}>
      {limit}
    </Text>
  ));
}

const usedText = ({ last_used_at }: ApiKey) =>
  last_used_at === null ? 'Never' : formatTimeShort(last_used_at);

/** When a key ends or ended; while it rotates, until when its previous secret works too. */
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

function KeyCards({ items, onAct, withPeople }: KeyListProps) {
  return (
    <Paper withBorder component="ul" className={list.list}>
      {items.map((key) => (
        <li key={key.id} className={list.item}>
          <Group justify="space-between" wrap="nowrap" align="start">
            <Name apiKey={key} />
            <Group gap={4} wrap="nowrap">
              <KeyStatus apiKey={key} />
              <Actions apiKey={key} onAct={onAct} />
            </Group>
          </Group>
          <Box mt="xs">
            {withPeople && (
              <Text size="xs" c="dimmed" lineClamp={1}>
                {key.user_email}
              </Text>
            )}
            <Rights apiKey={key} />
            {limitsOf(key).length > 0 && (
              <Text size="xs" c="dimmed" className="figure">
                At most {listOf(limitsOf(key))}
              </Text>
            )}
          </Box>
          <Group justify="space-between" mt={6} gap={4}>
            <Text size="xs" c="dimmed">
              Last used: {usedText(key)}
            </Text>
            <End apiKey={key} />
          </Group>
        </li>
      ))}
    </Paper>
  );
}

function KeyTable({ items, onAct, withPeople }: KeyListProps) {
  return (
    <Paper withBorder>
      <Table.ScrollContainer minWidth={760} type="native">
        <Table className={list.table} verticalSpacing="sm" horizontalSpacing="md" aria-label="API keys">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Key</Table.Th>
              {withPeople && <Table.Th>Person</Table.Th>}
              <Table.Th>May</Table.Th>
              <Table.Th>Limits</Table.Th>
              <Table.Th>Last used</Table.Th>
              <Table.Th>Status</Table.Th>
              <Table.Th>
                <VisuallyHidden>Actions</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((key) => (
              <Table.Tr key={key.id}>
                <Table.Td maw={220}>
                  <Name apiKey={key} />
                </Table.Td>
                {withPeople && (
                  <Table.Td maw={180}>
                    <Text size="sm" truncate title={key.user_email}>
                      {key.user_email}
                    </Text>
                  </Table.Td>
                )}
                <Table.Td maw={220}>
                  <Rights apiKey={key} />
                </Table.Td>
                <Table.Td>
                  <Limits apiKey={key} />
                </Table.Td>
                <Table.Td className={list.nowrap}>{usedText(key)}</Table.Td>
                <Table.Td>
                  <KeyStatus apiKey={key} />
                  <End apiKey={key} />
                </Table.Td>
                <Table.Td className={list.number}>
                  <Actions apiKey={key} onAct={onAct} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Paper>
  );
}

/** API keys, newest first. */
export function KeyList(props: KeyListProps) {
  return useIsPhone() ? <KeyCards {...props} /> : <KeyTable {...props} />;
}
