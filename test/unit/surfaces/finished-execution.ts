import type { CreateExecutionResponse } from '../../../contracts/api/executions.ts';
import type { ChatLiveEvent } from '../../../worker/executions/chat-task.ts';

/** Returns a successful execution with the given fields. */
export const finishedExecution = (
  fields: Partial<CreateExecutionResponse> = {},
): CreateExecutionResponse => ({
  id: '01900000-0000-7000-8000-000000000001',
  task: 'chat',
  user_id: '01900000-0000-7000-8000-000000000002',
  model: 'auto',
  routing: null,
  status: 'succeeded',
  output_text: 'Hello',
  tool_calls: [],
  finish_reason: 'stop',
  provider: { name: 'Provider', model: 'its-model' },
  usage: {
    input_tokens: 10,
    cache_read_tokens: 3,
    cache_write_tokens: 2,
    output_tokens: 7,
    reasoning_tokens: 4,
  },
  usage_source: 'reported',
  tokens_reserved: 100,
  tokens_charged: 22,
  shortfall: null,
  cost_micro_usd: 5,
  price_version: 1,
  price: null,
  response_cache: null,
  attempts: [],
  error_code: null,
  created_at: '2026-01-01T00:00:00.000Z',
  finished_at: '2026-01-01T00:00:01.000Z',
  fitted_max_output_tokens: null,
  balance_after: 900,
  ...fields,
});

/** Returns the last event of a stream with this execution. */
export const finished = (fields: Partial<CreateExecutionResponse> = {}): ChatLiveEvent => ({
  type: 'finished',
  executed: { response: finishedExecution(fields), warning: null },
});
