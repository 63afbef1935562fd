import fc from 'fast-check';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { chatCompletion, chatCompletionChunk } from '../../../../contracts/v1/chat-completions-answer.ts';
import type { ChatLiveEvent } from '../../../../worker/executions/chat-task.ts';
import { ChunkEncoder, completionOf, usageOf } from '../../../../worker/surfaces/openai/answer.ts';
import { finished, finishedExecution } from '../finished-execution.ts';
import { randomStream } from '../random-streams.ts';

const execution = finishedExecution();
const created_s = Date.parse(execution.created_at) / 1_000;
const textOf = (events: ChatLiveEvent[], include_usage = false) => {
  const encoder = new ChunkEncoder(
    { execution_id: execution.id, model: 'auto', created_s, include_usage },
    ({ failure }) => ({
      error: { message: failure.code, type: 'server_error', param: null, code: failure.code },
    }),
  );
  return events.map((event) => encoder.encode(event)).join('');
};

/** Parses a body with OpenAI's SDK. */
const heard = (body: string) =>
  new OpenAI({
    apiKey: 'key',
    fetch: async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } }),
  }).chat.completions
    .stream({ model: 'auto', messages: [{ role: 'user', content: 'Hi' }] })
    .finalChatCompletion();

const chunksIn = (body: string) =>
  body
    .split('\n\n')
    .filter((event) => event.startsWith('data: {'))
    .map((event) => JSON.parse(event.slice('data: '.length)));

describe('a finished execution as a completion', () => {
  it('has the text, and counts cache reads and writes as part of the prompt', () => {
    const completion = completionOf(execution);
    expect(chatCompletion.parse(completion)).toEqual(completion);
    expect(completion.choices[0]).toMatchObject({ message: { content: 'Hello' }, finish_reason: 'stop' });
    expect(completion.usage).toEqual({
      prompt_tokens: 15,
      completion_tokens: 7,
      total_tokens: 22,
      prompt_tokens_details: { cached_tokens: 3 },
      completion_tokens_details: { reasoning_tokens: 4 },
    });
  });

  it('counts images and audio as part of prompt and completion, and names them', () => {
    const usage = {
      ...{ input_tokens: 1, input_image_tokens: 20, cache_read_tokens: 300, cache_write_tokens: 0 },
      ...{ output_tokens: 4, output_audio_tokens: 50, reasoning_tokens: 0 },
    };
    expect(usageOf(usage)).toEqual({
      ...{ prompt_tokens: 321, completion_tokens: 54, total_tokens: 375 },
      prompt_tokens_details: { cached_tokens: 300, image_tokens: 20 },
      completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 50 },
    });
  });

  it('that only calls tools has no content', () => {
    const tool_calls = [{ id: 'a', name: 'now', arguments: '{}' }];
    const { choices } = completionOf(finishedExecution({ output_text: '', tool_calls }));
    expect(choices[0]?.message).toEqual({
      role: 'assistant',
      content: null,
      refusal: null,
      tool_calls: [{ id: 'a', type: 'function', function: { name: 'now', arguments: '{}' } }],
    });
  });
});

describe('reasoning and the fields of a provider', () => {
  const google = { google: { thought_signature: 's' } };

  it('are in a completion', () => {
    const extras = {
      reasoning: [{ text: 'Let me' }, { text: ' see.' }],
      reasoning_details: [{ type: 'reasoning.summary', summary: 'Looks' }],
      extra_content: google,
      tool_calls: [{ id: 'a', name: 'now', arguments: '{}', extra_content: google }],
    };
    const completion = completionOf(finishedExecution(extras));
    expect(chatCompletion.parse(completion)).toEqual(completion);
    expect(completion.choices[0]?.message).toMatchObject({
      reasoning_content: 'Let me see.',
      reasoning_details: extras.reasoning_details,
      extra_content: google,
      tool_calls: [{ id: 'a', extra_content: google }],
    });
  });

  it('that is signed is in details, which a client sends back', () => {
    const reasoning = [
      { text: 'Hm', signature: 's' },
      { text: '', encrypted: 'x' },
    ];
    const details = [
      { type: 'reasoning.text', text: 'Hm', signature: 's', index: 0 },
      { type: 'reasoning.encrypted', data: 'x', index: 1 },
    ];
    const { choices } = completionOf(finishedExecution({ reasoning }));
    expect(choices[0]?.message).toMatchObject({ reasoning_content: 'Hm', reasoning_details: details });
    const streamed = chunksIn(
      textOf([
        { type: 'reasoning', text: 'H' },
        { type: 'reasoning', text: 'm' },
        { type: 'reasoning', text: '', signature: 's' },
        { type: 'reasoning', text: '', encrypted: 'x' },
        finished(),
      ]),
    );
    expect(streamed.map(({ choices: [choice] }) => choice.delta)).toEqual([
      { role: 'assistant', content: null, refusal: null },
      { reasoning_content: 'H' },
      { reasoning_content: 'm' },
      { reasoning_details: [details[0]] },
      { reasoning_details: [details[1]] },
      {},
    ]);
  });

  it('are in chunks', () => {
    const body = textOf([
      { type: 'input_told', usage: finishedExecution().usage ?? expect.fail() },
      { type: 'reasoning', text: 'Hm' },
      { type: 'carried', reasoning_details: [{ type: 'reasoning.summary' }] },
      { type: 'tool_call', index: 0, id: 'a', name: 'now', extra_content: google },
      { type: 'carried', extra_content: google },
      finished(),
    ]);
    for (const chunk of chunksIn(body)) expect(chatCompletionChunk.parse(chunk)).toEqual(chunk);
    expect(chunksIn(body).map(({ choices: [choice] }) => choice.delta)).toMatchObject([
      { role: 'assistant', content: null },
      { reasoning_content: 'Hm' },
      { reasoning_details: [{ type: 'reasoning.summary' }] },
      { tool_calls: [{ id: 'a', extra_content: google }] },
      { extra_content: google },
      {},
    ]);
  });
});

describe('a stream as chunks', () => {
  const hello: ChatLiveEvent[] = [{ type: 'text', text: 'Hel' }, { type: 'text', text: 'lo' }, finished()];

  it('has the role once in the first chunk, then the pieces, then the finish reason', () => {
    const choices = chunksIn(textOf(hello)).map(({ choices: [choice] }) => choice);
    expect(choices.map(({ delta }) => delta)).toEqual([
      { role: 'assistant', content: '', refusal: null },
      { content: 'Hel' },
      { content: 'lo' },
      {},
    ]);
    expect(choices.map(({ finish_reason }) => finish_reason)).toEqual([null, null, null, 'stop']);
    expect(textOf(hello).endsWith('data: [DONE]\n\n')).toBe(true);
  });

  it('has the usage only on request, in a last chunk without choices, and null before', () => {
    for (const chunk of chunksIn(textOf(hello))) expect(chunk).not.toHaveProperty('usage');
    const counted = chunksIn(textOf(hello, true));
    expect(counted.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 22 } });
    for (const chunk of counted.slice(0, -1)) expect(chunk.usage).toBeNull();
  });

  it.each([
    ['fails on the way', { type: 'error', failure: { code: 'provider_failed' } }, 'provider_failed'],
    ['was cut off', finished({ status: 'cancelled', finish_reason: null }), 'execution_over'],
  ] as [string, ChatLiveEvent, string][])('that %s says so, and never [DONE]', async (_, last, code) => {
    const body = textOf([{ type: 'text', text: 'Hel' }, last]);
    expect(chunksIn(body).at(-1)).toMatchObject({ error: { code } });
    expect(body).not.toContain('[DONE]');
    await expect(heard(body)).rejects.toBeInstanceOf(OpenAI.APIError);
  });

  it('whatever it is, each chunk is of the contract’s form, and the SDK puts together to the answer in one piece', async () => {
    await fc.assert(
      fc.asyncProperty(randomStream, async ({ events, execution: whole }) => {
        const body = textOf(events, true);
        for (const chunk of chunksIn(body)) expect(chatCompletionChunk.parse(chunk)).toEqual(chunk);
        const streamed = await heard(body);
        const { id, created, model, choices, usage } = completionOf(whole);
        expect(streamed).toMatchObject({ id, created, model, usage });
        const [expected] = choices;
        const [choice] = streamed.choices;
        expect(choice?.finish_reason).toBe(expected?.finish_reason);
        expect(choice?.message.content ?? '').toBe(expected?.message.content ?? '');
        const calls = choice?.message.tool_calls ?? [];
        expect(calls.map((one) => one.type === 'function' && one.function)).toMatchObject(
          (expected?.message.tool_calls ?? []).map((one) => one.function),
        );
      }),
    );
  });
});

it('tells why the provider refused as the refusal, and else as content', async () => {
  const refusal = { category: 'cyber', explanation: 'No malware.' };
  const refused = { finish_reason: 'content_filter', output_text: '', refusal } as const;
  const completion = completionOf(finishedExecution(refused));
  expect(chatCompletion.parse(completion)).toEqual(completion);
  const choice: OpenAI.ChatCompletion.Choice['message']['refusal'] =
    completion.choices[0]?.message.refusal ?? null;
  expect(choice).toBe('No malware.');
  const message = { refusal: 'No malware.' };
  expect((await heard(textOf([finished(refused)]))).choices[0]).toMatchObject({
    ...{ message, finish_reason: 'content_filter' },
  });
  const unexplained = { ...refused, refusal: { category: 'bio', explanation: null } };
  expect(completionOf(finishedExecution(unexplained)).choices[0]?.message.refusal).toBeNull();
});
