import type { CreateExecutionRequest } from '../../../contracts/api/executions.ts';
import { api, ask } from '../lib/api-client.ts';
import { pageQuery } from './paging.ts';

export const fetchModels = () => ask(api.ai.models.$get());
/** Runs a prompt and waits for the whole answer. */
export const runExecution = (request: CreateExecutionRequest) =>
  ask(api.ai.executions.$post({ json: request, header: {} }));
export const fetchExecution = (id: string) => ask(api.ai.executions[':id'].$get({ param: { id } }));

/** Executions of everybody the caller may see, or of one user. */
export const fetchExecutions = (cursor: string | undefined, userId?: string) =>
  ask(
    api.ai.executions.$get({
      query: { ...pageQuery(cursor), ...(userId === undefined ? {} : { user_id: userId }) },
    }),
  );
