import fc from 'fast-check';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { chatCompletion, chatCompletionChunk } from '../../../../contracts/v1/chat-completions-answer.ts';
import type { ChatLiveEvent } from '../../../../worker/executions/chat-task.ts';
import { ChunkEncoder, completionOf } from '../../../../worker/surfaces/openai/answer.ts';
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
