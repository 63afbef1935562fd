import { Button, Drawer, Group, Skeleton, VisuallyHidden } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconCpu, IconLock, IconMessages, IconMessageX, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect } from 'react';
import { Navigate, useNavigate, useParams } from 'react-router';
import type { Model } from '../../../../../contracts/api/executions.ts';
import { paths } from '../../../lib/paths.ts';
import { usePageTitle } from '../../../lib/use-page-title.ts';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { chatModelsQuery } from '../../executions/api/executions.ts';
import { useMissingFeature } from '../../levels/use-missing-feature.ts';
import { conversationQuery } from '../api/conversations.ts';
import { ConversationView } from '../components/conversation-view.tsx';
import classes from '../components/playground.module.css';
import { useConversationStore, useFreshId, useThread } from '../conversation-context.tsx';
import { useKeepsConversations } from '../use-keep.ts';

/** Loaded beside the conversation, which does not wait for it. */
const ConversationList = lazy(async () => ({
  default: (await import('../components/conversation-list.tsx')).ConversationList,
}));

const Loading = () => (
  <div className={classes.page}>
    <VisuallyHidden>Loading</VisuallyHidden>
    <div className={classes.welcome}>
      <Skeleton h={34} w="55%" />
      <Skeleton h={110} />
    </div>
    <Skeleton h={104} radius={18} />
  </div>
);

type OpenedProps = { id: string; models: Model[]; first: Model };

/** A kept conversation, read from the server unless the page holds it already. */
function Opened({ id, models, first }: OpenedProps) {
  const store = useConversationStore();
  const { messages } = useThread(id);
  const isHeld = messages.length > 0;
  const { data, error, refetch } = useQuery({ ...conversationQuery(id), enabled: !isHeld });
  useEffect(() => {
    if (data !== undefined) store.load(id, data);
    if (data !== undefined || isHeld) store.open(id);
  }, [data, id, isHeld, store]);
  if (error?.code === 'not_found' || error?.code === 'invalid_request')
    return (
      <EmptyState isPage icon={<IconMessageX />} title="There is no such conversation">
        It was deleted, or it belongs to somebody else.
      </EmptyState>
    );
  if (!isHeld && error !== null) return <ErrorAlert error={error} onRetry={refetch} />;
  if (!isHeld && data === undefined) return <Loading />;
  return <ConversationView id={id} models={models} first={first} onBegin={() => undefined} />;
}

/** The conversations at the side, or in a drawer where there is no room, and the one that is open. */
function Conversations({ models, first }: { models: Model[]; first: Model }) {
  const { id } = useParams();
  const freshId = useFreshId();
  const store = useConversationStore();
  const navigate = useNavigate();
  const keeps = useKeepsConversations();
  const [isDrawerOpen, drawer] = useDisclosure(false);
  const shown = useThread(id ?? freshId);

  function begin() {
    drawer.close();
    store.renew();
    navigate(paths.playground);
  }
  const list = (
    <Suspense>
      <ConversationList openId={id} onNew={begin} onVisit={drawer.close} />
    </Suspense>
  );

  if (id === undefined && store.openId !== null)
    return <Navigate to={paths.conversation(store.openId)} replace />;
  return (
    <div className={classes.layout}>
      {keeps !== false && (
        <div className={classes.side}>
          <div className={classes.sideInner}>{list}</div>
        </div>
      )}
      <div className={classes.main}>
        <Group justify="space-between" mb="xs" {...(keeps === false ? {} : { hiddenFrom: 'lg' })}>
          {keeps === false ? (
            <span />
          ) : (
            <Button
              variant="default"
              size="xs"
              radius="xl"
              leftSection={<IconMessages size={15} aria-hidden />}
              onClick={drawer.open}
            >
              Conversations
            </Button>
          )}
          {shown.messages.length > 0 && (
            <Button
              variant="default"
              size="xs"
              radius="xl"
              leftSection={<IconPlus size={14} aria-hidden />}
              onClick={begin}
            >
              New conversation
            </Button>
          )}
        </Group>
        {id === undefined ? (
          <ConversationView
            key={freshId}
            id={freshId}
            models={models}
            first={first}
            onBegin={() => {
              if (keeps !== false) navigate(paths.conversation(freshId));
            }}
          />
        ) : (
          <Opened key={id} id={id} models={models} first={first} />
        )}
      </div>
      <Drawer opened={isDrawerOpen} onClose={drawer.close} title="Conversations" size="xs" hiddenFrom="lg">
        <div className={classes.drawer}>{list}</div>
      </Drawer>
    </div>
  );
}

/** Conversations with any model the user may use. */
export function PlaygroundPage() {
  usePageTitle('Playground');
  const missing = useMissingFeature('playground_models');
  const { data: models, error, refetch } = useQuery({ ...chatModelsQuery, enabled: missing === null });
  if (missing !== null)
    return (
      <EmptyState isPage icon={<IconLock />} title="The playground is not part of your level">
        {missing}
      </EmptyState>
    );
  if (models === undefined && error !== null) return <ErrorAlert error={error} onRetry={refetch} />;
  if (models === undefined) return <Loading />;
  const first = models[0];
  if (first === undefined) {
    return (
      <EmptyState
        icon={<IconCpu />}
        title="No models yet"
        action={<Button onClick={() => refetch()}>Reload</Button>}
      >
        Your administrator has not set up a model for you, or its provider has no key.
      </EmptyState>
    );
  }
  return <Conversations models={models} first={first} />;
}
