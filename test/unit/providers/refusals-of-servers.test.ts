import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { readMessageError } from '../../../worker/providers/anthropic/answer.ts';
import { readMessageStream } from '../../../worker/providers/anthropic/stream.ts';
import { readGoogleError } from '../../../worker/providers/google/answer.ts';
import { readChatError, readOpenAiInBandError } from '../../../worker/providers/openai/errors.ts';
import { readChatStream } from '../../../worker/providers/openai/stream.ts';
import { errorIn } from '../../../worker/providers/transport/error-words.ts';
import { readAll } from './stream-cases.ts';

/** Refusals of real servers whose status says too little: whose fault it is, and who can do better. */

const chat = (status: number, body: object) =>
  readChatError(OpenAI.APIError.generate(status, { error: errorIn(body) }, undefined, new Headers()), 0);
const message = (status: number, body: object) =>
  readMessageError(Anthropic.APIError.generate(status, body, JSON.stringify(body), new Headers()), 0);
const error = (message: string, more: object = {}) => ({ error: { message, ...more } });

describe('a refusal that is about the account is no fault of the request', () => {
  it.each([
    [
      'LiteLLM, whose key has used up its budget',
      400,
      error('Budget has been exceeded! Current cost: 0.1, Max budget: 0.05', {
        type: 'budget_exceeded',
        code: '400',
      }),
    ],
    [
      'Fireworks, whose account is suspended',
      412,
      error(
        'Account x-1 is suspended, possibly due to reaching the monthly spending limit or failure to pay past invoices.',
        { type: 'invalid_request_error' },
      ),
    ],
    [
      'xAI, whose team has spent all',
      429,
      {
        code: 'Some resource has been exhausted',
        error: 'Your team abc has used all available credits or reached its monthly spending limit.',
      },
    ],
    ['Zhipu, whose account is empty', 429, error('余额不足或无可用资源包,请充值。', { code: '1113' })],
  ])('of %s', (_, status, body) => {
    expect(chat(status, body)).toMatchObject({ kind: 'authentication', retryable: true, status });
  });

  it('of Anthropic, whose organization is disabled', () => {
    const body = {
      type: 'error',
      error: { type: 'invalid_request_error', message: 'This organization has been disabled.' },
    };
    expect(message(400, body)).toMatchObject({ kind: 'authentication', retryable: true });
  });

  it.each([
    [400, 'Gemini API free tier is not available in your country. Please enable billing on your project.'],
    [429, 'Your prepayment credits are depleted. Please go to AI Studio to manage your project and billing.'],
  ])('of Google with %i: %s', (status, words) => {
    const failure = readGoogleError({ code: status, message: words, status: 'FAILED_PRECONDITION' }, status);
    expect(failure).toMatchObject({ kind: 'authentication', retryable: true });
  });

  it.each([
    'Invalid value: "my account is suspended"',
    "messages.0: 'monthly spending limit' is no role",
    'You exceeded your current quota of requests per minute',
  ])('other than %s', (words) => {
    expect(chat(400, error(words))).toMatchObject({ kind: 'invalid_request', retryable: false });
  });
});

describe('a refusal that is about the model or the server leads to the next one', () => {
  it.each([
    [
      'a model with a dot in its name that is gone',
      400,
      error('The model `llama-3.1-70b-versatile` has been decommissioned and is no longer supported.'),
    ],
    ['a model that is gone, by its code', 400, error('Gone.', { code: 'model_decommissioned' })],
    [
      'a model of Azure for something else',
      400,
      error('The chatCompletion operation does not work with the specified model, text-embedding-3.', {
        code: 'OperationNotSupported',
      }),
    ],
    [
      'vLLM that was started without tools',
      400,
      {
        object: 'error',
        message: '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
        type: 'BadRequestError',
        code: 400,
      },
    ],
    [
      'llama.cpp that was started without templates',
      500,
      error('tools param requires --jinja flag', { type: 'server_error', code: 500 }),
    ],
    [
      'a gateway that does not exist',
      400,
      {
        success: false,
        result: [],
        messages: [],
        error: [{ code: 2001, message: 'Please configure AI Gateway in the Cloudflare dashboard' }],
      },
    ],
  ])('such as %s', (_, status, body) => {
    expect(chat(status, body)).toMatchObject({ kind: 'invalid_request', retryable: true, status });
  });

  it.each(['tool_use_failed', 'json_validate_failed', 'output_parse_failed'])(
    'such as %s: the model wrote what cannot be read',
    (code) => {
      const said = { message: 'Failed to call a function.', type: 'invalid_request_error', code };
      const failed = { kind: 'invalid_request', retryable: true };
      expect(chat(400, { error: { ...said, failed_generation: 'x' } })).toMatchObject(failed);
      expect(readOpenAiInBandError({ ...said, status_code: 400 })).toMatchObject(failed);
    },
  );
});

describe('a prompt that is too long may go to a larger model', () => {
  it.each([
    [400, 'too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 4292.'],
    [400, 'The sum of prompt length (5000.0), query length (0) should not exceed max_num_tokens (4096)'],
    [500, 'Reached context length of 4096 tokens with this model, but this model does not support overflow'],
  ])('with %i: %s', (status, words) => {
    expect(chat(status, { message: words })).toMatchObject({ kind: 'context_length', retryable: true });
  });

  it('is no limit of tokens by the minute', () => {
    const failure = chat(429, { message: 'Too many tokens, please wait before trying again.' });
    expect(failure).toMatchObject({ kind: 'rate_limited' });
  });
});

it('a prompt that Cloudflare’s gateway blocks does not go to the next one', () => {
  const body = {
    success: false,
    error: [{ code: 2016, message: 'Prompt blocked due to security configurations' }],
  };
  expect(chat(424, body)).toMatchObject({ kind: 'content_filter', retryable: false });
  expect(chat(424, error('Failed dependency'))).toMatchObject({ kind: 'overloaded', retryable: true });
});

describe.each([
  ['OpenAI’s', readChatStream],
  ['Anthropic’s', readMessageStream],
])('an exception of Bedrock within a stream in the form of %s', (_, reader) => {
  it.each([
    ['throttlingException', 'rate_limited', 429],
    ['ThrottlingException', 'rate_limited', 429],
    ['modelTimeoutException', 'timeout', 408],
    ['serviceUnavailableException', 'overloaded', 503],
    ['internalServerException', 'overloaded', 500],
    ['validationException', 'invalid_request', 400],
  ])('is %s', (name, kind, status) => {
    const told = readAll(reader(), [{ [name]: { message: 'An explanation.' } }]);
    expect(told).toMatchObject([{ type: 'failed', failure: { kind, status, message: 'An explanation.' } }]);
    const typed = readAll(reader(), [['error', { type: 'error', error: { type: name, message: 'm' } }]]);
    expect(typed).toMatchObject([{ type: 'failed', failure: { kind, status } }]);
  });
});
