import { expect, it } from 'vitest';
import { errorCodes } from '../../../../contracts/errors.ts';
import { anthropicError } from '../../../../contracts/v1/messages-answer.ts';
import { statusOf } from '../../../../worker/http/errors.ts';
import { anthropicErrorOf } from '../../../../worker/surfaces/anthropic/error.ts';

const shaped = (code: (typeof errorCodes)[number], details?: Record<string, unknown>) =>
  anthropicErrorOf(
    { error: { code, message: 'No.', request_id: 'r', ...(details === undefined ? {} : { details }) } },
    statusOf(code),
  );

it.each(errorCodes)('%s has Anthropic’s shape, and keeps its own name in the details', (code) => {
  const error = shaped(code);
  expect(anthropicError.parse(error)).toEqual(error);
  expect(error.error.details.error_code).toBe(code);
});

it.each([
  ['invalid_request', 'invalid_request_error'],
  ['unauthenticated', 'authentication_error'],
  ['insufficient_balance', 'billing_error'],
  ['user_disabled', 'permission_error'],
  ['unknown_model', 'not_found_error'],
  ['idempotency_in_progress', 'invalid_request_error'],
  ['body_too_large', 'request_too_large'],
  ['rate_limited', 'rate_limit_error'],
  ['internal', 'api_error'],
  ['provider_failed', 'overloaded_error'],
] as const)('%s is a %s', (code, type) => {
  expect(shaped(code).error.type).toBe(type);
});

it('tells a tool runner that there are no threads, in the message that it expects', () => {
  const issueOf = (field: string) => ({ issues: [{ field, rule: 'unrecognized_keys', message: 'No.' }] });
  expect(shaped('invalid_request', issueOf('thread')).error.details).toMatchObject({
    ...issueOf('thread'),
    error_code: 'thread_unsupported_request',
    unsupported: ['thread'],
  });
  expect(shaped('invalid_request', issueOf('top_k')).error.details.error_code).toBe('invalid_request');
});

it('names the output limit like Anthropic, in every place', () => {
  const issues = [{ field: 'max_output_tokens', rule: 'too_big', message: 'At most 9' }];
  const { error } = anthropicErrorOf(
    {
      error: {
        code: 'invalid_request',
        message: 'max_output_tokens: At most 9',
        request_id: 'r',
        details: { issues },
      },
    },
    400,
  );
  expect(error.message).toBe('max_tokens: At most 9');
  expect(error.details).toMatchObject({ issues: [{ field: 'max_tokens', rule: 'too_big' }] });
  const { details } = shaped('amount_out_of_range', { field: 'max_output_tokens' }).error;
  expect(details).toMatchObject({ field: 'max_tokens' });
});

it('has the details of the error', () => {
  expect(shaped('insufficient_balance', { required: 9 }).error.details).toEqual({
    required: 9,
    error_code: 'insufficient_balance',
  });
});
