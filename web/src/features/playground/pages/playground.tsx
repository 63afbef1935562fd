import { Button, Group, Skeleton, VisuallyHidden } from '@mantine/core';
import { IconCpu, IconLock, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { Model } from '../../../../../contracts/api/executions.ts';
import { usePageTitle } from '../../../lib/use-page-title.ts';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { chatModelsQuery } from '../../executions/api/executions.ts';
import { useMissingFeature } from '../../levels/use-missing-feature.ts';
import { WalletWarningAlert } from '../../wallet/components/wallet-warning.tsx';
import { Composer } from '../components/composer.tsx';
import { EmptyWallet, useIsEmpty } from '../components/empty-wallet.tsx';
import classes from '../components/playground.module.css';
import { TurnView } from '../components/turn-view.tsx';
import { Welcome } from '../components/welcome.tsx';
import { useConversation } from '../conversation-context.tsx';
import { useRunPrompt } from '../use-run-prompt.ts';

function Conversation({ models, first }: { models: Model[]; first: Model }) {
  const { turns, settings, setDraft, clear } = useConversation();
  const { run, retry, stop, isRunning } = useRunPrompt();
  const isEmpty = useIsEmpty();
  const promptRef = useRef<HTMLTextAreaElement>(null);
  const newestRef = useRef<HTMLDivElement>(null);
  const model = models.find(({ name }) => name === settings.model) ?? first;
  const newest = turns.at(-1);
  const progress = newest === undefined ? '' : `${newest.id} ${newest.outcome.state}`;

  // Scrolls to the start of a new prompt, and of its answer: `progress` changes at both.
  useEffect(() => {
    if (progress !== '') newestRef.current?.scrollIntoView({ block: 'start' });
  }, [progress]);

  function pick(prompt: string) {
    setDraft(prompt);
    promptRef.current?.focus();
  }

  return (
    <div className={classes.page}>
      {turns.length === 0 ? (
        <Welcome onPick={pick} />
      ) : (
        <>
          <VisuallyHidden component="h1">Playground</VisuallyHidden>
          <Group justify="end" mb="xs">
            <Button
              variant="default"
              size="xs"
              radius="xl"
              leftSection={<IconPlus size={14} aria-hidden />}
              disabled={isRunning}
              onClick={clear}
            >
              New conversation
            </Button>
          </Group>
          <div className={classes.conversation} role="log" aria-label="Conversation">
            {turns.map((turn) => (
              <TurnView
                key={turn.id}
                ref={turn === newest ? newestRef : undefined}
                turn={turn}
                onRetry={
                  turn === newest && !isRunning ? (inBackground) => retry(turn, inBackground) : undefined
                }
              />
            ))}
          </div>
        </>
      )}
      <div className={classes.dock}>
        {isEmpty ? <EmptyWallet /> : <WalletWarningAlert />}
        <Composer
          models={models}
          model={model}
          isRunning={isRunning}
          onRun={run}
          onStop={stop}
          promptRef={promptRef}
        />
      </div>
    </div>
  );
}

/** A conversation with any model the user may use. */
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
  if (models === undefined) {
    return (
      <div className={classes.page}>
        <VisuallyHidden>Loading</VisuallyHidden>
        <div className={classes.welcome}>
          <Skeleton h={34} w="55%" />
          <Skeleton h={110} />
        </div>
        <Skeleton h={104} radius={18} />
      </div>
    );
  }
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
  return <Conversation models={models} first={first} />;
}
