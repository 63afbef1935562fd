import { useRef } from 'react';
import type { CreateExecutionRequest } from '../../../../contracts/api/executions.ts';
import { ApiError } from '../../lib/api-client.ts';
import { postBackgroundExecution, runExecution } from '../executions/api/executions.ts';
import { useTokenWallet } from '../wallet/token-wallet-context.tsx';
import { type Turn, useConversation } from './conversation-context.tsx';
import { messagesOf } from './conversation-messages.ts';

function answerOf({ outcome }: Turn): string | null {
  if (outcome.state === 'answered' || outcome.state === 'background') return outcome.execution.output_text;
  return outcome.state === 'stopped' ? outcome.text : null;
}

const toPastTurn = (turn: Turn) => ({ prompt: turn.prompt, answer: answerOf(turn) });

const newTurn = (prompt: string, model: string): Turn => ({
  id: crypto.randomUUID(),
  prompt,
  model,
  started_at_ms: Date.now(),
  outcome: { state: 'running', text: '' },
});

/** Runs the conversation's prompts, one at a time, and notes their charges in the wallet. Background runs do not wait for each other. */
export function useRunPrompt() {
  const { turns, settings, putTurn, dropTurn } = useConversation();
  const { noteChange } = useTokenWallet();
  const isRunning = turns.some(({ outcome }) => outcome.state === 'running');
  const stopper = useRef<AbortController | null>(null);

  function requestOf({ prompt, model, id }: Turn): CreateExecutionRequest {
    const { system, max_output_tokens } = settings;
    const past = turns.filter((turn) => turn.id !== id).map(toPastTurn);
    return {
      model,
      messages: messagesOf(system, past, prompt),
      ...(max_output_tokens === null ? {} : { max_output_tokens }),
    };
  }

  async function answer(turn: Turn): Promise<Turn['outcome']> {
    let text = '';
    const append = (piece: string) => {
      text += piece;
      putTurn({ ...turn, outcome: { state: 'running', text } });
    };
    stopper.current = new AbortController();
    const { signal } = stopper.current;
    try {
      const execution = await runExecution(requestOf(turn), append, signal);
      noteChange({ id: execution.id, tokens: execution.tokens_charged });
      return { state: 'answered', execution };
    } catch (error) {
      noteChange(null);
      if (signal.aborted) return { state: 'stopped', text };
      if (error instanceof ApiError) return { state: 'failed', error };
      throw error;
    }
  }

  async function send(turn: Turn): Promise<Turn['outcome']> {
    try {
      return { state: 'background', execution: await postBackgroundExecution(requestOf(turn)) };
    } catch (error) {
      if (error instanceof ApiError) return { state: 'failed', error };
      throw error;
    }
  }

  async function run(prompt: string, model: string, inBackground = false) {
    const turn = newTurn(prompt, model);
    putTurn(turn);
    const outcome = await (inBackground ? send(turn) : answer(turn));
    putTurn({ ...turn, outcome });
  }

  /** Runs a failed prompt again, as the last turn. */
  async function retry(turn: Turn, inBackground = false) {
    dropTurn(turn.id);
    await run(turn.prompt, turn.model, inBackground);
  }

  /** Stops the running answer. */
  const stop = () => stopper.current?.abort();

  return { run, retry, stop, isRunning };
}
