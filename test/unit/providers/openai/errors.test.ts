import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { CLOSED, onFailure } from '../../../../worker/providers/failover/breaker.ts';
import { readChatError, readOpenAiInBandError } from '../../../../worker/providers/openai/errors.ts';
import { errorIn } from '../../../../worker/providers/transport/error-words.ts';

describe('an error of OpenAI', () => {
  const error = (status: number, code: string | null) => ({
    status,
    code,
    message: 'm',
    headers: new Headers(),
  });
  it.each([
    [400, "400 This model's maximum context length is 4096 tokens. However, you requested", 'context_length'],
    [400, '400 the request exceeds the available context size', 'context_length'],
    [400, '400 Unknown parameter: maximum', 'invalid_request'],
    [429, '429 Request too large for gpt-5 on tokens per min (TPM): Limit 30000', 'invalid_request'],
    [429, '429 Rate limit reached for gpt-5 on tokens per min (TPM)', 'rate_limited'],
  ])('understands a server that says %i: %s', (status, message, kind) => {
    expect(readChatError({ ...error(status, null), message }, 0)).toMatchObject({ kind });
  });

  it('takes no rest from a request that is larger than its account’s limit', () => {
    const headers = new Headers({ 'retry-after': '60' });
    const thrown = { ...error(429, 'rate_limit_exceeded'), headers, message: '429 Request too large for' };
    const failure = readChatError(thrown, 0);
    expect(onFailure(CLOSED, failure, 0, 0), 'another’s request may be smaller').toEqual(CLOSED);
    expect(failure.retryable, 'another account may have a larger limit').toBe(true);
  });

  it.each([
    [429, 'insufficient_quota', 'authentication', true],
    [429, 'rate_limit_exceeded', 'rate_limited', true],
    [400, 'content_filter', 'content_filter', false],
    [400, 'context_length_exceeded', 'context_length', true],
    [403, 'model_not_found', 'invalid_request', true],
    [401, 'invalid_api_key', 'authentication', true],
  ])('reads %i %s as %s, retryable: %s', (status, code, kind, retryable) => {
    expect(readChatError(error(status, code), 0)).toMatchObject({ kind, retryable, status });
  });
});

/** The failure that the body of a refusal is read as. A text is a body that is no JSON. */
const refusal = (status: number, body: unknown, headers: Record<string, string> = {}) => {
  const [json, text] = typeof body === 'string' ? [undefined, body] : [body as object, undefined];
  const thrown = OpenAI.APIError.generate(status, { error: errorIn(json) }, text, new Headers(headers));
  return readChatError(thrown, 0);
};

const vllm = (message: string) => ({
  error: { message, type: 'BadRequestError', param: null, code: 400 },
});

describe('a refusal of a compatible server', () => {
  it('keeps its status, wait and words when the code is a number', () => {
    const body = { error: { message: 'Rate limit exceeded', code: 429 } };
    expect(refusal(429, body, { 'retry-after': '7' })).toEqual({
      ...{ kind: 'rate_limited', retryable: true, status: 429, retry_after_ms: 7_000 },
      message: 'Rate limit exceeded',
    });
  });

  it.each([
    [vllm('Invalid value for temperature'), 'Invalid value for temperature'],
    [{ object: 'error', message: 'Bad value', type: 'BadRequestError', code: 400 }, 'Bad value'],
    [{ error: 'Bad value' }, 'Bad value'],
    [[{ error: { code: 400, message: 'Bad value', status: 'INVALID_ARGUMENT' } }], 'Bad value'],
    [
      { detail: [{ type: 'extra_forbidden', loc: ['body', 'seed'], msg: 'Extra inputs are not permitted' }] },
      'body.seed: Extra inputs are not permitted',
    ],
    [
      { object: 'error', message: { detail: [{ loc: ['body', 'n'], msg: 'Not permitted' }] } },
      'body.n: Not permitted',
    ],
    [
      {
        error: {
          message: 'Provider returned error',
          code: 400,
          metadata: { raw: '{"error":{"message":"Bad value"}}' },
        },
      },
      'Provider returned error: Bad value',
    ],
    [{ error: { code: '400', message: 'Bad value' } }, 'Bad value'],
  ])('with 400 is the request’s fault, in the server’s words: %j', (body, message) => {
    expect(refusal(400, body)).toMatchObject({
      ...{ kind: 'invalid_request', retryable: false, status: 400 },
      message,
    });
  });

  it('opens no breaker for a request that is at fault', () => {
    const failures = [1, 2, 3, 4].map(() => refusal(400, vllm('Invalid value for temperature')));
    expect(failures.reduce((breaker, failure) => onFailure(breaker, failure, 0, 0), CLOSED)).toEqual(CLOSED);
  });

  it.each([
    'maximum context length is 4096 tokens, 5000 were asked for',
    "You passed 4097 input tokens and requested 16 output tokens. However, the model's context length is only 4096",
    'The decoder prompt (length 5000) is longer than the maximum model length of 4096',
    "The input (5000 tokens) is longer than the model's context length (4096 tokens).",
    'the request exceeds the available context size (4096 tokens), try increasing it',
    'The number of tokens to keep from the initial prompt is greater than the context length',
    'Prompt contains 40000 tokens, too large for model with 32768 maximum context length',
    'Invalid request: Your request exceeded model token limit: 8192 (requested: 9000)',
    "This model's maximum prompt length is 131072 but the request contains 200000 tokens.",
    '`inputs` tokens + `max_new_tokens` must be <= 4097. Given: 5000 `inputs` tokens',
    'AnthropicException - prompt is too long: 210000 tokens > 200000 maximum',
    "Input length (265330) exceeds model's maximum context length (262144).",
    'Input length 131393 exceeds the maximum allowed input length of 131040 tokens.',
    'Range of input length should be [1, 98304]',
    'Input is too long for requested model.',
    'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
    'context/cache: Job requires 1027 pages (only 1024 available) and cannot be enqueued.',
  ])('is told as a prompt that is too long: %s', (message) => {
    expect(refusal(400, vllm(message))).toMatchObject({ kind: 'context_length', retryable: true });
  });

  it('is the key’s fault when 400 says that the key is unknown', () => {
    const body = { code: 'Client specified an invalid argument', error: 'Incorrect API key provided: xa***' };
    expect(refusal(400, body)).toMatchObject({ kind: 'authentication', retryable: true });
  });
});

const wafPage = `<!DOCTYPE html><html><head><title>Attention Required! | Cloudflare</title><style>a{}</style></head>
<body><h1>Sorry, you have been blocked</h1><p>The action you just performed triggered the security solution.</p></body></html>`;

describe('a refusal with 403', () => {
  it.each([
    [wafPage],
    [
      {
        error: {
          code: 403,
          message: 'openai/gpt-4o requires moderation. Your input was flagged for "violence"',
        },
      },
    ],
    [{ error: 'Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE_BIO' }],
    [{ error: { message: 'The request was blocked by the content filter', type: 'forbidden' } }],
    [{ error: { message: '输入内容包含敏感信息', code: 403 } }],
  ])('of one request is sent to no other and takes the provider from nobody: %j', (body) => {
    const failure = refusal(403, body);
    expect(failure).toMatchObject({ kind: 'content_filter', retryable: false, status: 403 });
    expect(onFailure(CLOSED, failure, 0, 0)).toEqual(CLOSED);
  });

  it.each([
    [{ error: { message: 'Your API key does not have permission to use this model', code: 403 } }],
    [
      {
        error: {
          message: 'Country, region, or territory not supported',
          code: 'unsupported_country_region_territory',
        },
      },
    ],
    [{ error: { message: 'Your account was flagged and suspended' } }],
    [{ error: { message: 'Forbidden' } }],
    ['<html><body>Error code: 1009 - your country or region is banned</body></html>'],
  ])('of the credential leads elsewhere: %j', (body) => {
    expect(refusal(403, body)).toMatchObject({ kind: 'authentication', retryable: true });
  });
});

describe('a refusal with 402', () => {
  it('of one request’s size opens no breaker', () => {
    const message =
      'This request requires more credits, or fewer max_tokens. You requested up to 64000 tokens, but can only afford 120';
    const failure = refusal(402, { error: { code: 402, message } });
    expect(failure).toMatchObject({ kind: 'invalid_request', retryable: true });
    expect(onFailure(CLOSED, failure, 0, 0)).toEqual(CLOSED);
  });

  it('of an account without credit is the credential’s fault', () => {
    const failure = refusal(402, { error: { code: 402, message: 'Insufficient credits' } });
    expect(failure).toMatchObject({ kind: 'authentication', retryable: true });
  });
});

describe('an error within a stream', () => {
  it.each([
    [{ code: 429, message: 'slow down' }, 'rate_limited', 429, 'slow down'],
    [{ code: '502', message: 'no answer' }, 'overloaded', 502, 'no answer'],
    ['the model failed', 'overloaded', 500, 'the model failed'],
    [{ object: 'error', message: 'out of memory', code: 50_001 }, 'overloaded', 500, 'out of memory'],
    [
      { message: 'maximum context length is 10', code: 400 },
      'context_length',
      400,
      'maximum context length is 10',
    ],
    [{ type: 'rate_limit_error' }, 'rate_limited', 429, 'The stream reported an error'],
  ])('%j is read as %s', (error, kind, status, message) => {
    expect(readOpenAiInBandError(error)).toMatchObject({ kind, status, message });
  });

  it('is looked through only so deep', () => {
    const deep = JSON.parse(`${'{"error":'.repeat(50_000)}1${'}'.repeat(50_000)}`);
    expect(readOpenAiInBandError(deep)).toMatchObject({ kind: 'overloaded', status: 500 });
  });

  it('is told as a prompt that is too long, though its server calls that its own fault', () => {
    const message =
      "litellm.ServiceUnavailableError: Requested tokens exceed the model's maximum context length";
    expect(refusal(503, { error: { message, code: '503' } })).toMatchObject({ kind: 'context_length' });
    expect(refusal(429, { error: { message: 'Too many tokens, please wait', code: 429 } })).toMatchObject({
      kind: 'rate_limited',
    });
  });

  it.each([
    [
      400,
      {
        error: {
          code: 'Arrearage',
          message: 'Access denied, please make sure your account is in good standing',
        },
      },
    ],
    [
      429,
      { error: { code: '1113', message: 'Insufficient balance or no resource package. Please recharge.' } },
    ],
    [429, { error: { type: 'exceeded_current_quota_error', message: 'Your account is suspended' } }],
    [400, { error: { message: 'Insufficient credits to run this model', code: 400 } }],
  ])('with %i is about an account that cannot pay: %j', (status, body) => {
    expect(refusal(status, body)).toMatchObject({ kind: 'authentication', retryable: true });
  });

  it.each([
    "seed: Input should be a valid integer, input_value='insufficient balance'",
    'Invalid value: "Incorrect API key provided". Supported values are: "low", "high"',
  ])(
    'says nothing of the account in what it quotes, so that no user can take a provider from others: %s',
    (message) => {
      expect(refusal(400, vllm(message))).toMatchObject({ kind: 'invalid_request', retryable: false });
    },
  );

  it.each([
    [400, { error: { message: 'acme/x is not a valid model ID', code: 400 } }],
    [400, { error: { message: 'Invalid model: x', type: 'invalid_model', code: '1500' } }],
    [400, { error: { message: 'The model `x` has been decommissioned', code: 'model_decommissioned' } }],
    [400, { error: { message: 'Unable to access model x', code: 'model_not_available' } }],
    [
      413,
      {
        error: {
          message: 'Request too large for model `x` on tokens per minute',
          code: 'rate_limit_exceeded',
        },
      },
    ],
    [413, '<html><head></head><body><h1>413 Request Entity Too Large</h1></body></html>'],
    [410, { error: { message: 'Gone' } }],
  ])('with %i is a matter of configuration, so that the next candidate is asked: %j', (status, body) => {
    expect(refusal(status, body)).toMatchObject({ kind: 'invalid_request', retryable: true });
  });

  it.each([
    'The model `x` does not support image input',
    'This model is not supported with temperature 3',
    'tools: model must be a string',
  ])('is the request’s fault, though it speaks of a model: %s', (message) => {
    expect(refusal(400, vllm(message))).toMatchObject({ kind: 'invalid_request', retryable: false });
  });

  it.each([424, 498, 499, 520, 529])('with %i is a matter of the server', (status) => {
    expect(refusal(status, { error: { message: 'm' } })).toMatchObject({
      kind: 'overloaded',
      retryable: true,
    });
  });

  it.each([
    ['data_inspection_failed', 'Input data may contain inappropriate content.'],
    ['1301', 'The system detected unsafe content'],
  ])('with the code %s is a filter’s', (code, message) => {
    expect(refusal(400, { error: { code, message } })).toMatchObject({
      kind: 'content_filter',
      retryable: false,
    });
  });

  it.each([
    ['Please try again in 1m2.5s. Visit the console', 62_500],
    ['Please retry after 24 seconds.', 24_000],
    ['Please try again in 6ms.', 6],
    ['Too many requests. 4 keys are allowed', null],
  ])('asks in words to wait: %s', (message, retry_after_ms) => {
    expect(refusal(429, { error: { message, code: 429 } })).toMatchObject({ retry_after_ms });
    expect(readOpenAiInBandError({ message, code: 429 })).toMatchObject({ retry_after_ms });
    expect(refusal(429, { error: { message } }, { 'retry-after': '9s' })).toMatchObject({
      retry_after_ms: 9_000,
    });
  });
});
