import { keepPreviousData, mutationOptions, queryOptions } from '@tanstack/react-query';
import type { ExecutionFilter } from '../../../../../contracts/api/execution-filter.ts';
import type {
  CreateExecutionRequest,
  CreateExecutionResponse,
  Execution,
  ExecutionEvent,
} from '../../../../../contracts/api/executions.ts';
import { ApiError, api, ask, askEvents, askFile, errorOfEvent } from '../../../lib/api-client.ts';
import { pagedOptions, pageQuery } from '../../../lib/paging.ts';
import { watchMs } from '../execution-polling.ts';

const usableModels = {
  queryKey: ['usable-models'],
  queryFn: () => ask(api.ai.models.$get()),
};

/** Models the caller may use, of every kind, with their prices. */
export const usableModelsQuery = queryOptions({ ...usableModels, select: ({ items }) => items });

/** The models among them that chat. */
export const chatModelsQuery = queryOptions({
  ...usableModels,
  select: ({ items }) => items.filter(({ kind }) => kind === 'chat'),
});

/** The key of every query of executions. They are read again once one of the caller's executions has ended. */
export const EXECUTIONS_KEY = ['executions'] as const;

const keys = {
  list: (filter: ExecutionFilter) => [...EXECUTIONS_KEY, 'list', filter],
  detail: (id: string) => [...EXECUTIONS_KEY, 'detail', id],
  content: (id: string) => [...EXECUTIONS_KEY, 'content', id],
} as const;

/** Executions of all users the caller may see that a filter lets through, newest first. */
export const executionsQuery = (filter: ExecutionFilter) =>
  pagedOptions(keys.list(filter), (cursor) =>
    ask(api.ai.executions.$get({ query: { ...pageQuery(cursor), ...filter } })),
  );

/** Downloads the executions of a filter as CSV. */
export const downloadExecutions = (filter: ExecutionFilter) =>
  mutationOptions({ mutationFn: () => askFile(api.ai.executions.export.$get({ query: filter })) });

/** One execution with its receipt. Read again and again while it runs. */
export const executionQuery = (id: string) =>
  queryOptions({
    queryKey: keys.detail(id),
    queryFn: () => ask(api.ai.executions[':id'].$get({ param: { id } })),
    refetchInterval: ({ state }) => state.data?.status === 'running' && watchMs(state.dataUpdateCount),
  });

/** The stored prompt and answer of the caller's own execution. Read again when its status changes: the answer comes with the end. */
export const contentQuery = ({ id, status }: Pick<Execution, 'id' | 'status'>) =>
  queryOptions({
    queryKey: [...keys.content(id), { status }],
    placeholderData: keepPreviousData,
    queryFn: () => ask(api.ai.executions[':id'].content.$get({ param: { id } })),
  });

/** Deletes the stored prompt and answer of the caller's own execution. */
export const deleteContent = (id: string) =>
  mutationOptions({
    mutationFn: () => ask(api.ai.executions[':id'].content.$delete({ param: { id } })),
    meta: { invalidates: [keys.content(id)] },
  });

/** Cancels one of the caller's background executions. */
export const cancelExecution = (id: string) =>
  mutationOptions({
    mutationFn: () => ask(api.ai.executions[':id'].cancel.$post({ param: { id } })),
    meta: { invalidates: [EXECUTIONS_KEY] },
  });

/** Starts a prompt in the background and returns the running execution. */
export const postBackgroundExecution = (request: CreateExecutionRequest): Promise<Execution> =>
  ask(api.ai.executions.$post({ json: { ...request, background: true }, header: {} }));

/** Takes a streamed answer as it comes: first the id of its execution, then pieces of reasoning and text. */
type AnswerListener = {
  onBegin: (executionId: string) => void;
  onText: (text: string) => void;
  onReasoning: (text: string) => void;
};

/**
 * Runs a prompt and streams the answer to `listener`. Resolves with the finished execution. Rejects with an
 * ApiError when it failed, and with an AbortError when `signal` stopped it.
 */
export async function runExecution(
  request: CreateExecutionRequest,
  { onBegin, onText, onReasoning }: AnswerListener,
  signal: AbortSignal,
): Promise<CreateExecutionResponse> {
  const call = api.ai.executions.$post(
    { json: { ...request, stream: true }, header: {} },
    { init: { signal } },
  );
  const begin = ({ headers }: { headers: Headers }) => {
    const id = headers.get('x-execution-id');
    if (id !== null) onBegin(id);
  };
  for await (const message of askEvents(call, begin)) {
    const event = message as ExecutionEvent;
    if (event.type === 'text') onText(event.text);
    if (event.type === 'reasoning') onReasoning(event.text);
    if (event.type === 'execution') return event.execution;
    if (event.type === 'error') throw errorOfEvent(event.error);
  }
  throw new ApiError('unreachable', 'The answer was interrupted.', null);
}
