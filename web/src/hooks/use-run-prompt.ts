import type { CreateExecutionRequest } from '../../../contracts/api/executions.ts';
import { type Turn, useConversation } from '../contexts/conversation-context.tsx';
import { useTokenWallet } from '../contexts/token-wallet-context.tsx';
import { ApiError } from '../lib/api-client.ts';
import { messagesOf } from '../lib/conversation-messages.ts';
import { runExecution } from '../services/executions.ts';

const toPastTurn = ({ prompt, outcome }: Turn) => ({
  prompt,
  answer: outcome.state === 'answered' ? outcome.execution.output_text : null,
});

/** Runs prompts of the conversation, one at a time, and keeps the wallet in step. */
export function useRunPrompt() {
  const { turns, settings, putTurn, dropTurn } = useConversation();
  const { noteChange } = useTokenWallet();
  const isRunning = turns.some(({ outcome }) => outcome.state === 'running');

  async function run(prompt: string, model: string) {
    const turn: Turn = {
      id: crypto.randomUUID(),
      prompt,
      model,
      started_at_ms: Date.now(),
      outcome: { state: 'running' },
    };
    putTurn(turn);
    const { system, max_output_tokens } = settings;
    const request: CreateExecutionRequest = {
      model,
      messages: messagesOf(system, turns.map(toPastTurn), prompt),
      ...(max_output_tokens === null ? {} : { max_output_tokens }),
    };
    try {
      const execution = await runExecution(request);
      putTurn({ ...turn, outcome: { state: 'answered', execution } });
      noteChange({ id: execution.id, tokens: execution.tokens_charged });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      putTurn({ ...turn, outcome: { state: 'failed', error } });
      noteChange(null);
    }
  }

  /** Asks a failed prompt again, in its place at the end. */
  async function retry(turn: Turn) {
    dropTurn(turn.id);
    await run(turn.prompt, turn.model);
  }

  return { run, retry, isRunning };
}
