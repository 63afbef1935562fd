import fc from 'fast-check';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import {
  openAiResponse,
  type ResponseStreamEvent,
  responseStreamEvent,
} from '../../../../contracts/v1/responses-answer.ts';
import { type ResponsesRequest, responsesRequest } from '../../../../contracts/v1/responses-request.ts';
import type { ChatLiveEvent } from '../../../../worker/executions/chat-task.ts';
import { appendEvent, emptyCompletion } from '../../../../worker/providers/chat/collect.ts';
import type { StreamEvent } from '../../../../worker/providers/provider.ts';
import { responseOf } from '../../../../worker/surfaces/responses/answer.ts';
import { ResponseEncoder } from '../../../../worker/surfaces/responses/stream.ts';
import { finished, finishedExecution } from '../finished-execution.ts';
import { randomStream } from '../random-streams.ts';

const execution = finishedExecution();
const created_s = Date.parse(execution.created_at) / 1_000;
const requestOf = (fields: object = {}): ResponsesRequest =>
  responsesRequest.parse({ model: 'auto', input: 'Hi', ...fields });

function bodyOf(events: ChatLiveEvent[], request = requestOf(), store = true): string {
  const head = { execution_id: execution.id, created_s, model: 'auto', asked: { request, store } };
  const encoder = new ResponseEncoder(head, ({ failure }) => ({
    code: failure.code,
    message: 'It failed.',
    request_id: 'r',
  }));
  return events.map((event) => encoder.encode(event)).join('');
}

const eventsIn = (body: string): ResponseStreamEvent[] =>
  body
    .split('\n\n')
    .filter((text) => text !== '')
    .map((text) => JSON.parse(text.split('\ndata: ')[1] ?? ''));

const finalOf = (body: string) => {
  const last = eventsIn(body).at(-1);
  if (last === undefined || !('response' in last)) throw new Error('A stream ends with a response');
  return last.response;
};

/** Reads a body with OpenAI's SDK. */
const heard = (body: string) =>
  new OpenAI({
    apiKey: 'key',
    fetch: async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } }),
  }).responses
    .stream({ model: 'auto', input: 'Hi' })
    .finalResponse();

const call = (index: number, name: string, json: string): ChatLiveEvent[] => [
  { type: 'tool_call', index, id: `call_${index}`, name },
  { type: 'tool_arguments', index, json },
];

describe('a stream of the Responses API', () => {
  it('is what the SDK collects, for any stream of a provider', () =>
    fc.assert(
      fc.asyncProperty(randomStream, async ({ events, execution: whole }) => {
        const body = bodyOf(events);
        const response = await heard(body);
        const calls = response.output.filter((item) => item.type === 'function_call');
        expect(response.output_text).toBe(whole.output_text);
        expect(
          calls.map(({ call_id, name, arguments: json }) => ({ id: call_id, name, arguments: json })),
        ).toEqual(whole.tool_calls);
        const sent = eventsIn(body);
        expect(sent.map(({ sequence_number }) => sequence_number)).toEqual(sent.map((_, at) => at));
        for (const event of sent) expect(responseStreamEvent.parse(event)).toEqual(event);
        const added = sent.flatMap((event) => (event.type === 'response.output_item.added' ? [event] : []));
        expect(added.map(({ output_index }) => output_index)).toEqual(added.map((_, at) => at));
        const done = sent.filter(({ type }) => type === 'response.output_item.done');
        expect(done).toHaveLength(added.length);
      }),
      { numRuns: 200 },
    ));

  it('keeps reasoning apart, and gives back what the provider signed to a client that keeps the conversation', () => {
    const events: ChatLiveEvent[] = [
      { type: 'reasoning', text: 'First ' },
      { type: 'reasoning', text: 'thought', signature: 'signed' },
      { type: 'reasoning', text: '', encrypted: 'sealed' },
      { type: 'text', text: 'Hello' },
      finished({ output_text: 'Hello' }),
    ];
    const include = ['reasoning.encrypted_content'];
    expect(finalOf(bodyOf(events, requestOf({ include }))).output).toMatchObject([
      {
        type: 'reasoning',
        summary: [{ text: 'First thought' }],
        encrypted_content: 'v1.{"signature":"signed"}',
      },
      { type: 'reasoning', summary: [], encrypted_content: 'v1.{"encrypted":"sealed"}' },
      { type: 'message', content: [{ text: 'Hello' }] },
    ]);
    const kept = finalOf(bodyOf(events)).output[0];
    expect(kept).not.toHaveProperty('encrypted_content');
    expect(finalOf(bodyOf(events, requestOf(), false)).output[0]).toHaveProperty('encrypted_content');
  });

  it('gives the text of a custom tool in one piece', () => {
    const request = requestOf({ tools: [{ type: 'custom', name: 'apply_patch' }] });
    const events = [...call(0, 'apply_patch', '{"input":"*** Begin"}'), finished({})];
    const body = bodyOf(events, request);
    expect(finalOf(body).output).toMatchObject([
      { type: 'custom_tool_call', call_id: 'call_0', name: 'apply_patch', input: '*** Begin' },
    ]);
    const deltas = eventsIn(body).filter(({ type }) => type === 'response.custom_tool_call_input.delta');
    expect(deltas).toMatchObject([{ delta: '*** Begin' }]);
  });

  it('of an answer that a limit cut off is incomplete, and says why', () => {
    const said: ChatLiveEvent = { type: 'text', text: 'Hel' };
    const cut = finalOf(bodyOf([said, finished({ output_text: 'Hel', finish_reason: 'length' })]));
    expect(cut).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
  });

  it('keeps encrypted reasoning apart from what is thought after it', () => {
    const events: ChatLiveEvent[] = [
      { type: 'reasoning', text: '', encrypted: 'sealed' },
      { type: 'reasoning', text: 'Then this' },
      finished({ output_text: '' }),
    ];
    expect(finalOf(bodyOf(events, requestOf(), false)).output).toMatchObject([
      { type: 'reasoning', summary: [], encrypted_content: 'v1.{"encrypted":"sealed"}' },
      { type: 'reasoning', summary: [{ text: 'Then this' }], encrypted_content: null },
    ]);
  });

  it('gives a refusal piece by piece', async () => {
    const refusal = { category: null, explanation: 'I cannot.' };
    const body = bodyOf([finished({ output_text: '', finish_reason: 'content_filter', refusal })]);
    expect(eventsIn(body).map(({ type }) => type)).toEqual([
      ...['response.created', 'response.in_progress', 'response.output_item.added'],
      ...['response.content_part.added', 'response.refusal.delta', 'response.refusal.done'],
      ...['response.content_part.done', 'response.output_item.done', 'response.incomplete'],
    ]);
    for (const event of eventsIn(body)) expect(responseStreamEvent.parse(event)).toEqual(event);
    expect((await heard(body)).output).toMatchObject([
      { type: 'message', content: [{ type: 'refusal', refusal: 'I cannot.' }] },
    ]);
  });

  it('that the balance does not cover fails with the code that clients of OpenAI know', () => {
    const codeOf = (code: string) =>
      finalOf(bodyOf([{ type: 'error', failure: { code } as never }])).error?.code;
    expect(codeOf('insufficient_balance')).toBe('insufficient_quota');
    expect(codeOf('rate_limited')).toBe('rate_limit_exceeded');
    expect(codeOf('context_length_exceeded')).toBe('context_length_exceeded');
  });

  it('that fails ends with the failure', () => {
    const body = bodyOf([
      { type: 'text', text: 'Hel' },
      { type: 'error', failure: { code: 'provider_failed' } as never },
    ]);
    expect(eventsIn(body).at(-1)).toMatchObject({
      type: 'response.failed',
      response: { status: 'failed', error: { code: 'provider_failed', message: 'It failed.' } },
    });
  });
});

describe('an answer that the output limit cut off', () => {
  const tools = [{ type: 'custom', name: 'apply_patch' }];

  /** The items of an answer as a stream gives them, which are those of the whole. */
  function itemsOf(events: ChatLiveEvent[]) {
    const execution = finishedExecution({
      ...{ finish_reason: 'length', output_text: '', tool_calls: [] },
      ...said(events),
    });
    const body = bodyOf([...events, finished(execution)], requestOf({ tools }));
    const done = eventsIn(body).flatMap((event) =>
      event.type === 'response.output_item.done' ? [event.item] : [],
    );
    expect(finalOf(body).output).toEqual(done);
    expect(responseOf(execution, { request: requestOf({ tools }), store: true }).output).toEqual(done);
    return done;
  }

  const said = (events: ChatLiveEvent[]) => {
    const { text, tool_calls } = (events as StreamEvent[]).reduce(appendEvent, emptyCompletion);
    return { output_text: text, tool_calls };
  };

  it('has an incomplete message', () => {
    expect(itemsOf([{ type: 'text', text: 'Hel' }])).toMatchObject([{ status: 'incomplete' }]);
  });

  it('has an incomplete call after a whole message', () => {
    const items = itemsOf([{ type: 'text', text: 'I look.' }, ...call(0, 'look', '{"city":"Os')]);
    expect(items).toMatchObject([
      { type: 'message', status: 'completed' },
      { type: 'function_call', arguments: '{"city":"Os', status: 'incomplete' },
    ]);
  });

  it('gives no half text to a tool', () => {
    expect(itemsOf(call(0, 'apply_patch', '{"input":"*** Beg'))).toMatchObject([
      { type: 'custom_tool_call', input: '', status: 'incomplete' },
    ]);
  });
});

describe('a finished execution as a response', () => {
  it('has the text, the usage and the request', () => {
    const request = requestOf({ instructions: 'Be brief.', metadata: { a: 'b' }, temperature: 0.5 });
    const response = responseOf(execution, { request, store: true });
    expect(openAiResponse.parse(response)).toEqual(response);
    expect(response).toMatchObject({
      id: `resp_${execution.id}`,
      status: 'completed',
      output: [{ type: 'message', content: [{ type: 'output_text', text: 'Hello' }] }],
      usage: {
        input_tokens: 15,
        input_tokens_details: { cached_tokens: 3, cache_write_tokens: 2 },
        output_tokens: 7,
        output_tokens_details: { reasoning_tokens: 4 },
        total_tokens: 22,
      },
      ...{ instructions: 'Be brief.', metadata: { a: 'b' }, temperature: 0.5, store: true },
    });
  });
});
