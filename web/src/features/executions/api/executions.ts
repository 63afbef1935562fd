import { queryOptions } from '@tanstack/react-query';
import {
  type CreateExecutionRequest,
  type CreateExecutionResponse,
  type Execution,
  executionEvent,
} from '../../../../../contracts/api/executions.ts';
import { ApiError, api, ask, askEvents, errorOfEvent } from '../../../lib/api-client.ts';
import { pagedOptions, pageQuery } from '../../../lib/paging.ts';

export const fetchModels = () => ask(api.ai.models.$get());

/** Models the caller may use, with their prices. */
export const usableModelsQuery = queryOptions({
  queryKey: ['usable-models'],
  queryFn: fetchModels,
  select: ({ items }) => items,
});

/**
 * Runs a prompt and hears the answer as it comes: `onText` gets each piece. Resolves with the finished execution. Rejects with an
 * ApiError when it failed, and with an AbortError when `signal` stopped it.
 */
export async function runExecution(
  request: CreateExecutionRequest,
  onText: (text: string) => void,
  signal: AbortSignal,
): Promise<CreateExecutionResponse> {
  const call = api.ai.executions.$post(
    { json: { ...request, stream: true }, header: {} },
    { init: { signal } },
  );
  for await (const message of askEvents(call)) {
    const event = executionEvent.parse(message);
    if (event.type === 'text') onText(event.text);
    if (event.type === 'execution') return event.execution;
    if (event.type === 'error') throw errorOfEvent(event.error);
  }
  throw new ApiError('unreachable', 'The answer broke off.', null);
}

/** Runs a prompt in the background: answers at once with the execution as it stands. Its answer is fetched by its id. */
export const postBackgroundExecution = (request: CreateExecutionRequest): Promise<Execution> =>
  ask(api.ai.executions.$post({ json: { ...request, background: true }, header: {} }));

/** What is kept of the caller's own execution. */
export const fetchContent = (id: string) => ask(api.ai.executions[':id'].content.$get({ param: { id } }));
export const deleteContent = (id: string) => ask(api.ai.executions[':id'].content.$delete({ param: { id } }));
/** Cancels an execution of the caller's own in the background. */
export const postCancellation = (id: string) => ask(api.ai.executions[':id'].cancel.$post({ param: { id } }));

export const fetchExecution = (id: string) => ask(api.ai.executions[':id'].$get({ param: { id } }));

/** Executions of everybody the caller may see, or of one user. */
export const fetchExecutions = (cursor: string | undefined, userId?: string) =>
  ask(
    api.ai.executions.$get({
      query: { ...pageQuery(cursor), ...(userId === undefined ? {} : { user_id: userId }) },
    }),
  );

/** Everything that is read of executions. */
export const EXECUTIONS_KEY = ['executions'] as const;

/** Executions of everybody the caller may see (null), or of one user, newest first. */
export const executionsQuery = (userId: string | null) =>
  pagedOptions([...EXECUTIONS_KEY, 'list', { userId }], (cursor) =>
    fetchExecutions(cursor, userId ?? undefined),
  );
