import { useRef } from 'react';
import type { CreateExecutionRequest } from '../../../contracts/api/executions.ts';
import { type Turn, useConversation } from '../contexts/conversation-context.tsx';
import { useTokenWallet } from '../contexts/token-wallet-context.tsx';
import { ApiError } from '../lib/api-client.ts';
import { messagesOf } from '../lib/conversation-messages.ts';
import { runExecution } from '../services/executions.ts';

function answerOf({ outcome }: Turn): string | null {
  if (outcome.state === 'answered') return outcome.execution.output_text;
  return outcome.state === 'stopped' ? outcome.text : null;
}

const toPastTurn = (turn: Turn) => ({ prompt: turn.prompt, answer: answerOf(turn) });

/** Runs prompts of the conversation, one at a time, and keeps the wallet in step. */
export function useRunPrompt() {
  const { turns, settings, putTurn, dropTurn } = useConversation();
  const { noteChange } = useTokenWallet();
  const isRunning = turns.some(({ outcome }) => outcome.state === 'running');
  const stopper = useRef<AbortController | null>(null);

  async function run(prompt: string, model: string) {
    const turn: Turn = {
      id: crypto.randomUUID(),
      prompt,
      model,
      started_at_ms: Date.now(),
      outcome: { state: 'running', text: '' },
    };
    putTurn(turn);
    const { system, max_output_tokens } = settings;
    const request: CreateExecutionRequest = {
      model,
      messages: messagesOf(system, turns.map(toPastTurn), prompt),
      ...(max_output_tokens === null ? {} : { max_output_tokens }),
    };
    let text = '';
    const hear = (piece: string) => {
      text += piece;
      putTurn({ ...turn, outcome: { state: 'running', text } });
    };
    stopper.current = new AbortController();
    const { signal } = stopper.current;
    try {
      const execution = await runExecution(request, hear, signal);
      putTurn({ ...turn, outcome: { state: 'answered', execution } });
      noteChange({ id: execution.id, tokens: execution.tokens_charged });
    } catch (error) {
      if (signal.aborted) putTurn({ ...turn, outcome: { state: 'stopped', text } });
      else if (error instanceof ApiError) putTurn({ ...turn, outcome: { state: 'failed', error } });
      else throw error;
      noteChange(null);
    }
  }

  /** Asks a failed prompt again, in its place at the end. */
  async function retry(turn: Turn) {
    dropTurn(turn.id);
    await run(turn.prompt, turn.model);
  }

  /** Stops the answer that is being given. */
  const stop = () => stopper.current?.abort();

  return { run, retry, stop, isRunning };
}
