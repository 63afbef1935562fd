import { ActionIcon, Button, Menu, ScrollArea, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { IconDots, IconPencil, IconPlus, IconSearch, IconTrash } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import type { Conversation } from '../../../../../contracts/api/conversations.ts';
import { paths } from '../../../lib/paths.ts';
import { useSearchText } from '../../../lib/use-search-text.ts';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { conversationsQuery } from '../api/conversations.ts';
import { type ConversationAct, ConversationDialogs } from './conversation-dialogs.tsx';
import classes from './conversation-list.module.css';

type ItemProps = {
  conversation: Conversation;
  isOpen: boolean;
  onVisit: () => void;
  onAct: (act: ConversationAct) => void;
};

function Item({ conversation, isOpen, onVisit, onAct }: ItemProps) {
  const { id, title } = conversation;
  return (
    <li className={classes.item} data-open={isOpen || undefined}>
      <Link
        to={paths.conversation(id)}
        className={`${classes.link} mantine-focus-auto`}
        aria-current={isOpen ? 'page' : undefined}
        title={title}
        onClick={onVisit}
      >
        {title}
      </Link>
      <Menu position="bottom-end" width={160}>
        <Menu.Target>
          <ActionIcon size="sm" className={classes.menu} aria-label={`Actions for ${title}`}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconPencil size={16} />}
            onClick={() => onAct({ kind: 'rename', conversation })}
          >
            Rename
          </Menu.Item>
          <Menu.Item
            c="var(--mantine-color-error)"
            leftSection={<IconTrash size={16} />}
            onClick={() => onAct({ kind: 'delete', conversation })}
          >
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </li>
  );
}

type ItemsProps = {
  search: string;
  openId: string | undefined;
  onVisit: () => void;
  onAct: (act: ConversationAct) => void;
};

/** The conversations that a search finds; all without one. */
function Items({ search, openId, onVisit, onAct }: ItemsProps) {
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    conversationsQuery(search),
  );
  if (data === undefined && error !== null) return <ErrorAlert error={error} onRetry={refetch} />;
  if (data === undefined)
    return (
      <Stack gap={6}>
        <Skeleton h={30} />
        <Skeleton h={30} />
        <Skeleton h={30} />
      </Stack>
    );
  if (data.length === 0)
    return (
      <Text size="sm" c="dimmed" p="xs">
        {search === '' ? 'No conversations yet. Your first prompt begins one.' : `No title has “${search}”.`}
      </Text>
    );
  return (
    <>
      <ul className={classes.items}>
        {data.map((conversation) => (
          <Item
            key={conversation.id}
            conversation={conversation}
            isOpen={conversation.id === openId}
            onVisit={onVisit}
            onAct={onAct}
          />
        ))}
      </ul>
      {hasNextPage && (
        <Button size="xs" variant="subtle" loading={isFetchingNextPage} onClick={() => fetchNextPage()}>
          Show more
        </Button>
      )}
      {search === '' && (
        <Button
          size="xs"
          variant="subtle"
          color="gray"
          c="dimmed"
          mt="xs"
          onClick={() => onAct({ kind: 'delete-all' })}
        >
          Delete all conversations
        </Button>
      )}
    </>
  );
}

type ConversationListProps = {
  openId: string | undefined;
  onNew: () => void;
  /** Called when a conversation is opened from the list. */
  onVisit: () => void;
};

/** The user's conversations, with a search by title. */
export function ConversationList({ openId, onNew, onVisit }: ConversationListProps) {
  const [typed, setTyped] = useState('');
  const [act, setAct] = useState<ConversationAct | null>(null);
  const search = useSearchText(typed);
  return (
    <nav aria-label="Conversations" className={classes.list}>
      <Button
        variant="default"
        size="xs"
        fullWidth
        leftSection={<IconPlus size={14} aria-hidden />}
        onClick={onNew}
      >
        New conversation
      </Button>
      <TextInput
        type="search"
        size="xs"
        aria-label="Search conversations"
        placeholder="Search titles"
        maxLength={200}
        leftSection={<IconSearch size={14} aria-hidden />}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <ScrollArea className={classes.scroll} type="auto" scrollbarSize={6}>
        <Items search={search} openId={openId} onVisit={onVisit} onAct={setAct} />
      </ScrollArea>
      {act !== null && (
        <ConversationDialogs act={act} openId={openId} onNew={onNew} onClose={() => setAct(null)} />
      )}
    </nav>
  );
}
