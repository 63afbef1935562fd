import { expect, it } from 'vitest';
import { openAiErrorOf } from '../../../../worker/surfaces/openai/error.ts';

const errorOf = (code: string, status: number, details?: Record<string, unknown>) =>
  openAiErrorOf(
    {
      error: { code, message: 'Why.', request_id: 'r', ...(details === undefined ? {} : { details }) },
    } as never,
    status,
  ).error;

it.each([
  ['unauthenticated', 401, 'authentication_error', 'invalid_api_key'],
  ['insufficient_balance', 402, 'insufficient_quota', 'insufficient_balance'],
  ['forbidden', 403, 'permission_error', 'forbidden'],
  ['unknown_model', 404, 'invalid_request_error', 'model_not_found'],
  ['idempotency_mismatch', 422, 'invalid_request_error', 'idempotency_mismatch'],
  ['rate_limited', 429, 'rate_limit_error', 'rate_limit_exceeded'],
  ['unavailable', 503, 'server_error', 'unavailable'],
])('%s (%i) is told as %s, %s', (code, status, type, shown) => {
  expect(errorOf(code, status)).toEqual({ message: 'Why.', type, param: null, code: shown, request_id: 'r' });
});

it('names the invalid field like OpenAI, in every place', () => {
  expect(errorOf('amount_out_of_range', 400, { field: 'max_output_tokens' }).param).toBe(
    'max_completion_tokens',
  );
  expect(errorOf('invalid_request', 400, { issues: [{ field: 'messages.0' }] }).param).toBe('messages.0');
  expect(errorOf('unknown_model', 404, { field: 'model' }).param).toBe('model');
});
