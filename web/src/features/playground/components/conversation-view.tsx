import { Alert, Button, Skeleton, Stack, Text, VisuallyHidden } from '@mantine/core';
import { IconCloudOff } from '@tabler/icons-react';
import { lazy, Suspense, useRef } from 'react';
import type { Model } from '../../../../../contracts/api/executions.ts';
import { WalletWarningAlert } from '../../wallet/components/wallet-warning.tsx';
import { useConversationStore, useThread } from '../conversation-context.tsx';
import { branchTo } from '../message-tree.ts';
import { useKeep } from '../use-keep.ts';
import { useRunPrompt } from '../use-run-prompt.ts';
import { Composer } from './composer.tsx';
import { EmptyWallet, useIsEmpty } from './empty-wallet.tsx';
import classes from './playground.module.css';
import { Welcome } from './welcome.tsx';

/** The messages, with what draws them: loaded with the first one. */
const Branch = lazy(async () => ({ default: (await import('./branch.tsx')).Branch }));

/** Tells that the server refused to keep a conversation, with a way to try again. */
function NotKept({ id }: { id: string }) {
  const { refusal } = useThread(id);
  const { keep } = useKeep();
  if (refusal === null) return null;
  return (
    <Alert
      color="yellow"
      icon={<IconCloudOff aria-hidden />}
      title="The newest messages are not kept"
      mb="xs"
    >
      <Text size="sm">{refusal.message} They are lost when this page is closed.</Text>
      <Button size="xs" variant="default" mt="xs" onClick={() => keep(id)}>
        Try again
      </Button>
    </Alert>
  );
}

type ConversationViewProps = {
  id: string;
  models: Model[];
  first: Model;
  /** Called when the first prompt was sent. */
  onBegin: () => void;
};

/** A conversation with its composer; a welcome while it is empty. */
export function ConversationView({ id, models, first, onBegin }: ConversationViewProps) {
  const store = useConversationStore();
  const { messages, settings, shown_id } = useThread(id);
  const { run, answer, stop } = useRunPrompt(id);
  const isEmpty = useIsEmpty();
  const promptRef = useRef<HTMLTextAreaElement>(null);
  const model = models.find(({ name }) => name === settings.model) ?? first;
  const isRunning = messages.some(({ live }) => live !== undefined);
  const last = branchTo(messages, shown_id).at(-1);

  return (
    <div className={classes.page}>
      {messages.length === 0 ? (
        <Welcome
          onPick={(prompt) => {
            store.change(id, { draft: prompt });
            promptRef.current?.focus();
          }}
        />
      ) : (
        <>
          <VisuallyHidden component="h1">Playground</VisuallyHidden>
          <div className={classes.conversation} role="log" aria-label="Conversation">
            <Suspense fallback={<Skeleton h={120} />}>
              <Branch id={id} model={model} onAnswer={answer} onEdit={run} />
            </Suspense>
            {last?.role === 'user' && !isRunning && (
              <Stack align="start" gap="xs">
                <Text size="sm" c="dimmed">
                  This prompt has no answer: the page was closed before it came.
                </Text>
                <Button size="xs" variant="default" onClick={() => answer(last.id, model.name)}>
                  Answer it
                </Button>
              </Stack>
            )}
          </div>
        </>
      )}
      <div className={classes.dock}>
        <NotKept id={id} />
        {isEmpty ? <EmptyWallet /> : <WalletWarningAlert />}
        <Composer
          conversationId={id}
          models={models}
          model={model}
          isRunning={isRunning}
          onRun={(content, name, inBackground) => {
            if (messages.length === 0) onBegin();
            if (settings.model !== name) store.change(id, { settings: { ...settings, model: name } });
            run(content, shown_id, name, { inBackground });
          }}
          onStop={stop}
          promptRef={promptRef}
        />
      </div>
    </div>
  );
}
