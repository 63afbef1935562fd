import { useEffect, useRef } from 'react';
import type { Model } from '../../../../../contracts/api/executions.ts';
import { useThread } from '../conversation-context.tsx';
import type { LocalMessage } from '../conversation-store.ts';
import { branchTo, newestBelow, siblingsOf } from '../message-tree.ts';
import { useKeep } from '../use-keep.ts';
import type { RunOptions, useRunPrompt } from '../use-run-prompt.ts';
import { AnswerView } from './answer-view.tsx';
import { BranchSwitch } from './branch-switch.tsx';
import classes from './playground.module.css';
import { PromptView } from './prompt-view.tsx';

type BranchProps = {
  id: string;
  model: Model;
  onAnswer: (promptId: string, model: string, options: RunOptions) => void;
  onEdit: ReturnType<typeof useRunPrompt>['run'];
};

/** The messages of the branch that is shown. */
export function Branch({ id, model, onAnswer, onEdit }: BranchProps) {
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
