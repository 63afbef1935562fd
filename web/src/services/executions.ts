import type { CreateExecutionRequest } from '../../../contracts/api/executions.ts';
import { api, ask } from '../lib/api-client.ts';
import { pageQuery } from './paging.ts';

export const fetchModels = () => ask(api.ai.models.$get());
export const runExecution = (request: CreateExecutionRequest) =>
  ask(api.ai.executions.$post({ json: request }));
export const fetchExecution = (id: string) => ask(api.ai.executions[':id'].$get({ param: { id } }));

export const fetchExecutions = (cursor: string | undefined) =>
  ask(api.ai.executions.$get({ query: pageQuery(cursor) }));
