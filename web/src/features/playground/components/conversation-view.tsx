import { Alert, Button, Stack, Text, VisuallyHidden } from '@mantine/core';
import { IconCloudOff } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import type { Model } from '../../../../../contracts/api/executions.ts';
import { WalletWarningAlert } from '../../wallet/components/wallet-warning.tsx';
import { useConversationStore, useThread } from '../conversation-context.tsx';
import type { LocalMessage } from '../conversation-store.ts';
import { branchTo, newestBelow, siblingsOf } from '../message-tree.ts';
import { useKeep } from '../use-keep.ts';
import { type RunOptions, useRunPrompt } from '../use-run-prompt.ts';
import { AnswerView } from './answer-view.tsx';
import { BranchSwitch } from './branch-switch.tsx';
import { Composer } from './composer.tsx';
import { EmptyWallet, useIsEmpty } from './empty-wallet.tsx';
import classes from './playground.module.css';
import { PromptView } from './prompt-view.tsx';
import { Welcome } from './welcome.tsx';

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
      <Text size="sm">{refusal.message} They are lost when you leave this page.</Text>
      <Button size="xs" variant="default" mt="xs" onClick={() => keep(id)}>
        Try again
      </Button>
    </Alert>
  );
}

type BranchProps = {
  id: string;
  model: Model;
  onAnswer: (promptId: string, model: string, options: RunOptions) => void;
  onEdit: ReturnType<typeof useRunPrompt>['run'];
};

/** The messages of the branch that is shown. */
function Branch({ id, model, onAnswer, onEdit }: BranchProps) {
  const { messages, shown_id } = useThread(id);
  const { show, complete } = useKeep();
  const newestRef = useRef<HTMLDivElement>(null);
  const branch = branchTo(messages, shown_id);
  const isRunning = messages.some(({ live }) => live !== undefined);
  const newest = branch.at(-1);
  const newestPrompt = branch.findLast(({ role }) => role === 'user');
  const progress = newest === undefined ? '' : `${newest.id} ${newest.live === undefined}`;

  // Scrolls to the start of a new prompt, and of its answer: `progress` changes at both.
  useEffect(() => {
    if (progress !== '') newestRef.current?.scrollIntoView({ block: 'start' });
  }, [progress]);

  const versionsOf = (message: LocalMessage) => (
    <BranchSwitch
      what={message.role === 'user' ? 'prompt' : 'answer'}
      ids={siblingsOf(messages, message)
        .filter(({ role }) => role === message.role)
        .map((sibling) => sibling.id)}
      shownId={message.id}
      onShow={(sibling) => show(id, newestBelow(messages, sibling))}
    />
  );

  return branch.map((message) => (
    <article
      key={message.id}
      ref={message === newestPrompt ? newestRef : undefined}
      className={classes.turn}
      aria-label={message.role === 'user' ? 'Your prompt' : `Answer of ${message.model}`}
    >
      {message.role === 'user' ? (
        <PromptView
          prompt={message}
          onEdit={isRunning ? undefined : (content) => onEdit(content, message.parent_id, model.name)}
        >
          {versionsOf(message)}
        </PromptView>
      ) : (
        <AnswerView
          answer={message}
          onRegenerate={
            isRunning ? undefined : (options) => onAnswer(message.parent_id ?? '', model.name, options)
          }
          onEnd={(answer) => complete(id, answer)}
        >
          {versionsOf(message)}
        </AnswerView>
      )}
    </article>
  ));
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
            <Branch id={id} model={model} onAnswer={answer} onEdit={run} />
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
            store.change(id, { settings: { ...store.threadOf(id).settings, model: name } });
            run(content, shown_id, name, { inBackground });
          }}
          onStop={stop}
          promptRef={promptRef}
        />
      </div>
    </div>
  );
}
