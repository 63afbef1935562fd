import { describe, expect, it } from 'vitest';
import { unsupportedBy } from '../../../../worker/providers/capabilities.ts';
import { deepSeekDialect } from '../../../../worker/providers/deepseek/dialect.ts';
import { inputTokensBound } from '../../../../worker/providers/metering/token-bound.ts';
import { readChatCompletion } from '../../../../worker/providers/openai/answer.ts';
import { readChatStream } from '../../../../worker/providers/openai/stream.ts';
import type { NeutralRequest, StreamEvent } from '../../../../worker/providers/provider.ts';
import { conversation, image, recipeFormat, say, timeTool } from '../wire-cases.ts';

const paramsOf = (changes: Partial<NeutralRequest>) =>
  deepSeekDialect.params({ ...conversation, ...changes }, 'https://api.deepseek.com/v1');

describe('a request in DeepSeek’s form', () => {
  it('limits the output by max_tokens, whatever the host', () => {
    for (const base_url of ['https://api.deepseek.com/v1', 'https://acme.services.ai.azure.com/v1'])
      expect(deepSeekDialect.params(conversation, base_url)).toMatchObject({ max_tokens: 64 });
    expect(paramsOf({})).not.toHaveProperty('max_completion_tokens');
  });

  it('has the text of every message as one string', () => {
    expect(paramsOf({ messages: say(['system', 'One. ', 'Two.'], ['user', 'A ', 'B']) }).messages).toEqual([
      { role: 'system', content: 'One. Two.' },
      { role: 'user', content: 'A B' },
    ]);
  });

  it('has tools without what DeepSeek does not document', () => {
    const params = paramsOf({ tools: [{ ...timeTool, strict: true }], parallel_tool_calls: true });
    expect(params.tools).toEqual([{ type: 'function', function: timeTool }]);
    expect(params).not.toHaveProperty('parallel_tool_calls');
  });

  it('asks for JSON, and passes on parameters that are not known', () => {
    const extra = { thinking: { type: 'enabled' }, frequency_penalty: 0.5 };
    expect(paramsOf({ response_format: { type: 'json_object' }, extra })).toMatchObject({
      response_format: { type: 'json_object' },
      ...extra,
    });
  });
});

describe('a request that DeepSeek cannot serve', () => {
  it.each<[string, Partial<NeutralRequest>, RegExp]>([
    ['with an image', { messages: [{ role: 'user', content: [image()] }] }, /no images/],
    ['for JSON of a schema', { response_format: recipeFormat }, /use json_object/],
    ['with a long name of a tool', { tools: [{ ...timeTool, name: 'x'.repeat(65) }] }, /64 characters/],
  ])('%s is refused with the reason', (_what, request, reason) => {
    expect(unsupportedBy('deepseek', { ...conversation, ...request })).toMatch(reason);
  });

  it.each<[string, Partial<NeutralRequest>]>([
    ['text', {}],
    ['tools', { tools: [timeTool] }],
    ['one tool at a time', { tools: [timeTool], parallel_tool_calls: false }],
    ['any JSON', { response_format: { type: 'json_object' } }],
  ])('is not one with %s', (_what, request) => {
    expect(unsupportedBy('deepseek', { ...conversation, ...request })).toBeNull();
  });
});

it('counts parameters that are passed on towards the bound of the prompt', () => {
  const boundOf = (extra: object) => inputTokensBound('deepseek', { ...conversation, extra: { ...extra } });
  expect(boundOf({ prefix: 'x'.repeat(100) })).toBeGreaterThan(boundOf({}) + 100);
});

/** Chunks as deepseek-reasoner streams them. */
const chunk = (delta: object, finish_reason: string | null = null, usage?: object) => ({
  id: '6ca35a25',
  object: 'chat.completion.chunk',
  created: 1739099247,
  model: 'deepseek-reasoner',
  system_fingerprint: 'fp_7e73fd9a08',
  choices: [{ index: 0, delta, logprobs: null, finish_reason }],
  ...(usage !== undefined && { usage }),
});
const usage = {
  prompt_tokens: 70,
  completion_tokens: 92,
  total_tokens: 162,
  prompt_tokens_details: { cached_tokens: 64 },
  completion_tokens_details: { reasoning_tokens: 81 },
  prompt_cache_hit_tokens: 64,
  prompt_cache_miss_tokens: 6,
};

function readAll(chunks: object[]): StreamEvent[] {
  const reader = readChatStream();
  const events = chunks.flatMap((data) => reader.read({ event: null, data: JSON.stringify(data) }));
  return events.at(-1)?.type === 'failed'
    ? events
    : [...events, ...reader.read({ event: null, data: '[DONE]' })];
}

describe('a stream of DeepSeek’s', () => {
  it('is reasoning, then the answer, then usage in disjoint classes', () => {
    expect(
      readAll([
        chunk({ role: 'assistant', content: null, reasoning_content: '' }),
        chunk({ content: null, reasoning_content: 'Hm.' }),
        chunk({ content: 'Hello', reasoning_content: null }),
        chunk({ content: '!' }),
        chunk({ content: '', reasoning_content: null }, 'stop', usage),
      ]),
    ).toEqual([
      { type: 'reasoning', text: 'Hm.' },
      { type: 'text', text: 'Hello' },
      { type: 'text', text: '!' },
      {
        type: 'done',
        finish_reason: 'stop',
        usage: {
          input_tokens: 6,
          cache_read_tokens: 64,
          cache_write_tokens: 0,
          output_tokens: 92,
          reasoning_tokens: 81,
        },
      },
    ]);
  });

  it('fails when the provider ran out of resources, so that it is neither charged nor taken for whole', () => {
    const events = readAll([chunk({ content: 'Hel' }), chunk({}, 'insufficient_system_resource', usage)]);
    expect(events).toMatchObject([
      { type: 'text', text: 'Hel' },
      { type: 'failed', failure: { kind: 'overloaded', retryable: true } },
    ]);
  });
});

describe('usage that DeepSeek reports', () => {
  const usageOf = (changes: object) => {
    const body = {
      choices: [{ message: { content: 'x' }, finish_reason: 'stop' }],
      usage: { ...usage, ...changes },
    };
    const read = readChatCompletion(body);
    return read.ok ? read.completion.usage : read.failure;
  };

  it('is read without the details that older models leave out', () => {
    const older = { prompt_tokens_details: undefined, completion_tokens_details: undefined };
    expect(usageOf(older)).toMatchObject({ input_tokens: 6, cache_read_tokens: 64, reasoning_tokens: 0 });
  });

  it.each([-1, 71, 'many'])('is not used when %j tokens come from the cache', (prompt_cache_hit_tokens) => {
    expect(usageOf({ prompt_cache_hit_tokens })).toBeNull();
  });
});

it('calls an unknown model our configuration’s fault', () => {
  const error = {
    status: 400,
    headers: new Headers(),
    message: '400 Model Not Exist',
    code: 'invalid_request_error',
  };
  expect(deepSeekDialect.readError(error, 0)).toMatchObject({ kind: 'invalid_request', retryable: true });
});

it('calls an empty balance our credential’s fault', () => {
  const error = {
    status: 402,
    headers: new Headers(),
    message: '402 Insufficient Balance',
    code: 'invalid_request_error',
  };
  expect(deepSeekDialect.readError(error, 0)).toMatchObject({ kind: 'authentication', retryable: true });
});
