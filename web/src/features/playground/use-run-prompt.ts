import type { AnswerReceipt } from '../../../../contracts/api/conversations.ts';
import type { CreateExecutionRequest, Execution } from '../../../../contracts/api/executions.ts';
import type { ProviderKind } from '../../../../contracts/usage.ts';
import { ApiError } from '../../lib/api-client.ts';
import { useTenant } from '../../lib/tenant-context.tsx';
import { postBackgroundExecution, runExecution } from '../executions/api/executions.ts';
import { useTokenWallet } from '../wallet/token-wallet-context.tsx';
import { useConversationStore } from './conversation-context.tsx';
import { messagesOf } from './conversation-messages.ts';
import type { ConversationStore, LocalAnswer, LocalPrompt } from './conversation-store.ts';
import { branchTo } from './message-tree.ts';
import { useKeep } from './use-keep.ts';

/** The most characters of an error's message that are kept. */
const MESSAGE_MAX = 2_000;

/** Ways to run a prompt other than the usual one. `fits`: the answer is shortened to what the balance covers. */
export type RunOptions = { inBackground?: boolean; fits?: boolean };

/** The figures of an execution that are kept with its answer. Pure. */
export function receiptOf(execution: Execution, simulated: readonly ProviderKind[]): AnswerReceipt {
  const last = execution.attempts.at(-1);
  return {
    ...{ tokens_charged: execution.tokens_charged, provider: execution.provider },
    ...{ finish_reason: execution.finish_reason, attempts: execution.attempts.length },
    latency_ms: last?.latency_ms ?? null,
    simulated: last !== undefined && simulated.includes(last.provider_kind),
  };
}

const failed = (answer: LocalAnswer, error: ApiError): LocalAnswer => ({
  ...answer,
  state: 'failed',
  error,
  failure: { code: error.code, message: error.message.slice(0, MESSAGE_MAX) },
});

const newAnswer = (parent_id: string, model: string): LocalAnswer => ({
  ...{ id: crypto.randomUUID(), parent_id, created_at: new Date().toISOString(), model },
  ...{ text: '', reasoning: '', execution_id: null, failure: null, receipt: null },
  role: 'assistant',
  state: 'running',
  isKept: false,
  live: { started_at_ms: Date.now() },
});

/** The parts of the page that a run needs. */
type Run = {
  conversationId: string;
  store: ConversationStore;
  simulated: readonly ProviderKind[];
  noteChange: ReturnType<typeof useTokenWallet>['noteChange'];
};

function requestOf(
  { store, conversationId }: Run,
  { parent_id, model }: LocalAnswer,
  { fits }: RunOptions,
): CreateExecutionRequest {
  const { messages, settings } = store.threadOf(conversationId);
  const { system, temperature, top_p, max_output_tokens } = settings;
  return {
    model,
    messages: messagesOf(system, branchTo(messages, parent_id)),
    ...(temperature === null ? {} : { temperature }),
    ...(top_p === null ? {} : { top_p }),
    ...(max_output_tokens === null ? {} : { max_output_tokens }),
    ...(fits === true ? { fit_to_balance: true } : {}),
  };
}

/** Streams an answer into its conversation. Resolves with the answer at its end, however it ended. */
async function stream(run: Run, begun: LocalAnswer, request: CreateExecutionRequest): Promise<LocalAnswer> {
  const { store, conversationId, noteChange } = run;
  let answer = begun;
  const change = (part: Partial<LocalAnswer>) => {
    answer = { ...answer, ...part };
    store.put(conversationId, answer);
  };
  const signal = store.begin(conversationId);
  const listener = {
    onBegin: (execution_id: string) => change({ execution_id }),
    onText: (text: string) => change({ text: answer.text + text }),
    onReasoning: (text: string) => change({ reasoning: answer.reasoning + text }),
  };
  try {
    const execution = await runExecution(request, listener, signal);
    noteChange({ id: execution.id, tokens: execution.tokens_charged });
    store.noteExecution(execution.id);
    const receipt = receiptOf(execution, run.simulated);
    const { id: execution_id, output_text: text } = execution;
    return { ...answer, text, state: 'succeeded', execution_id, receipt };
  } catch (error) {
    noteChange(null);
    if (signal.aborted) return { ...answer, state: 'stopped' };
    if (error instanceof ApiError) return failed(answer, error);
    throw error;
  }
}

/** Begins an answer in the background. Resolves with the running answer. */
async function send(run: Run, begun: LocalAnswer, request: CreateExecutionRequest): Promise<LocalAnswer> {
  try {
    const { id: execution_id } = await postBackgroundExecution(request);
    run.store.noteExecution(execution_id);
    return { ...begun, execution_id };
  } catch (error) {
    if (error instanceof ApiError) return failed(begun, error);
    throw error;
  }
}

/** Runs the prompts of one conversation, one at a time, and notes their charges in the wallet. Background runs do not wait for each other. */
export function useRunPrompt(conversationId: string) {
  const store = useConversationStore();
  const { keep } = useKeep();
  const { noteChange } = useTokenWallet();
  const { simulated_providers: simulated } = useTenant();

  /** Answers a prompt of the conversation, as a branch if it has an answer already. */
  async function answer(promptId: string, model: string, options: RunOptions = {}) {
    const context = { conversationId, store, simulated, noteChange };
    const begun = newAnswer(promptId, model);
    store.put(conversationId, begun);
    const request = requestOf(context, begun, options);
    const ended = await (options.inBackground ? send : stream)(context, begun, request);
    store.put(conversationId, { ...ended, live: undefined });
    keep(conversationId);
  }

  /** Adds a prompt after a message, and answers it. */
  async function run(
    content: LocalPrompt['content'],
    parent_id: string | null,
    model: string,
    options: RunOptions = {},
  ) {
    const place = { id: crypto.randomUUID(), parent_id, created_at: new Date().toISOString() };
    store.put(conversationId, { ...place, role: 'user', content, isKept: false });
    keep(conversationId);
    await answer(place.id, model, options);
  }

  return { run, answer, stop: () => store.stop(conversationId) };
}
