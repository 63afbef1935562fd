import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { ScriptedAnswer } from '../../dev/simulators/script.ts';
import { ACME } from '../support/catalog.ts';
import { type Client, eventually } from '../support/demo.ts';
import { plainAnswers, says } from '../support/gateway-cases/case.ts';
import { openGateway, type ScriptedGateway } from '../support/gateway-cases/gateway.ts';
import { hostFetch } from '../support/host-fetch.ts';

/** Situations of several requests: turns, failover, parallel calls, clients that leave, keys that are revoked. */

const { port } = inject('stack');
let gateway: ScriptedGateway;
let user: Client;
beforeAll(async () => {
  gateway = await openGateway({ port });
  user = await gateway.user(50_000_000);
});
afterAll(() => gateway.stop());

const pieceOf = (content: string) =>
  `data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"${content}"},"finish_reason":null}]}\n\n`;
const messageOf = ({ text }: { text: string }) => JSON.parse(text).choices[0].message;
const ask = (content: string) => ({ messages: [{ role: 'user', content }] });

/** Streams a chat completion and leaves after so many bytes of it. Returns the id of its execution. */
async function leave(token: string, model: string, fields: object, after: RegExp): Promise<string> {
  const leaving = new AbortController();
  const answer = await hostFetch(`http://${ACME}:${port}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, stream: true, max_completion_tokens: 1_000, ...ask('Hello'), ...fields }),
    signal: leaving.signal,
  });
  let heard = '';
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  while (!after.test(heard)) {
    const piece = await reader?.read();
    if (piece?.value === undefined) throw new Error(`It ended before ${after}: ${heard}`);
    heard += piece.value;
  }
  leaving.abort();
  await reader?.cancel().catch(() => undefined);
  return answer.headers.get('x-execution-id') ?? '';
}

/** Adds two providers of one model, tried in this order. */
async function serveTwo(primary: ScriptedAnswer[], secondary: ScriptedAnswer[]) {
  const first = await gateway.serve({ answers: primary }, { more: { priority: 0 } });
  const { public_name } = first;
  const second = await gateway.serve({ answers: secondary }, { more: { public_name, priority: 1 } });
  return { public_name, first: first.script_id, second: second.script_id };
}

describe.concurrent('a conversation', () => {
  it('keeps the signature of a thought in its calls', async () => {
    const extra_content = { google: { thought_signature: 'c2lnbmF0dXJl' } };
    const call = {
      ...{ id: 'call_1', type: 'function', extra_content },
      function: { name: 'get_weather', arguments: '{"city":"Paris"}' },
    };
    const first = says('', [10, 5], { times: 1 });
    Object.assign((first.body as { choices: object[] }).choices[0] ?? {}, {
      message: { role: 'assistant', content: null, tool_calls: [call] },
      finish_reason: 'tool_calls',
    });
    const unsigned = {
      status: 400,
      body: { error: { code: 400, message: 'Function call is missing a thought_signature' } },
    };
    const signed = { contains: 'c2lnbmF0dXJl' };
    const { public_name } = await gateway.serve({
      answers: [first, says('ok', [10, 5], { when: signed }), unsigned],
    });
    const tools = [{ type: 'function', function: { name: 'get_weather', parameters: { type: 'object' } } }];
    const { messages } = ask('Paris?');
    const turn = messageOf(await gateway.chat(user.token, public_name, { messages, tools }));
    const second = await gateway.chat(user.token, public_name, {
      tools,
      messages: [...messages, turn, { role: 'tool', tool_call_id: 'call_1', content: 'sunny' }],
    });
    expect([second.status, second.text]).toEqual([200, expect.stringContaining('"ok"')]);
  });
});

describe.concurrent("one user's refusal", () => {
  it('by a firewall neither takes the provider from others nor goes to the next one', async () => {
    const waf = { when: { contains: 'attack' }, status: 403, headers: { 'content-type': 'text/html' } };
    const { public_name, second } = await serveTwo(
      [{ ...waf, body: '<html>Access denied</html>' }, says('from the first')],
      [says('from the second')],
    );
    for (let time = 0; time < 3; time++) {
      const refused = await gateway.chat(user.token, public_name, ask('attack'));
      expect(refused.status).toBeGreaterThanOrEqual(400);
    }
    const other = await gateway.user(100_000);
    expect(messageOf(await gateway.chat(other.token, public_name)).content).toBe('from the first');
    expect(gateway.upstream.requests(second)).toEqual([]);
  });

  it('for a limit that the account cannot afford leaves the provider to smaller requests', async () => {
    const body = {
      error: { code: 402, message: 'This request requires more credits, or fewer max_tokens.' },
    };
    const { public_name } = await serveTwo(
      [{ when: { contains: '_tokens":9000' }, status: 402, body }, says('from the first')],
      [says('from the second')],
    );
    const contents = [];
    for (const max_completion_tokens of [100, 9_000, 100]) {
      const answer = await gateway.chat(user.token, public_name, { max_completion_tokens });
      contents.push(messageOf(answer).content);
    }
    expect(contents).toEqual(['from the first', 'from the second', 'from the first']);
  });
});

describe.concurrent('a client that leaves a stream', () => {
  it('pays for what the provider bills, about 2,500 tokens of prompt and the few said', async () => {
    const chunks = Array.from({ length: 60 }, () => [pieceOf(' and on'), 500]).flat();
    const { public_name } = await gateway.serve({
      answers: [{ chunks: [pieceOf('Once upon a time'), 500, ...chunks] }],
    });
    const prompt = 'Tell me a long story about the sea, the wind, and a small boat. '
      .repeat(157)
      .slice(0, 10_000);
    const id = await leave(user.token, public_name, ask(prompt), /Once upon/);
    const receipt = await gateway.receiptOf(user, id);
    expect(receipt).toMatchObject({ status: 'cancelled', error_code: 'client_left' });
    expect(receipt.tokens_charged).toBeGreaterThan(2_000);
    expect(receipt.tokens_charged).toBeLessThan(3_500);
  });

  it('is noticed: the provider is left after about 20 s, and what was said is charged', async () => {
    const chunks = Array.from({ length: 40 }, (_, n) => [pieceOf(`w${n} `), 1_000]).flat();
    const { public_name, script_id } = await gateway.serve({ answers: [{ chunks }] });
    const id = await leave(user.token, public_name, {}, /w1 /);
    const leftMs = Date.now();
    const [seen] = await eventually(
      async () => gateway.upstream.requests(script_id),
      ([request]) => request?.left_at_ms != null,
      30_000,
    );
    expect((seen?.left_at_ms ?? 0) - leftMs).toBeLessThan(25_000);
    const receipt = await gateway.receiptOf(user, id);
    expect(receipt).toMatchObject({ status: 'cancelled', usage_source: 'estimated' });
    expect(receipt.tokens_charged).toBeGreaterThan(0);
  });
});

describe.concurrent('a stream', () => {
  it('whose key is revoked ends with nothing held, and the key is refused from then on', async () => {
    const somebody = await gateway.user(100_000);
    const made = await somebody.post('/api/api-keys', { name: 'brief', scopes: ['executions:write'] });
    const tail = plainAnswers.openai[0]?.chunks ?? [];
    const { public_name } = await gateway.serve({ answers: [{ chunks: [pieceOf('a'), 4_000, ...tail] }] });
    const streamed = gateway.chat(made.body.secret, public_name, { stream: true });
    await eventually(
      async () => (await somebody.get('/api/wallet')).body,
      ({ in_flight }) => in_flight === 1,
    );
    expect((await somebody.delete(`/api/api-keys/${made.body.id}`)).status).toBeLessThan(300);
    expect((await gateway.chat(made.body.secret, public_name)).status).toBe(401);
    await streamed;
    const wallet = await eventually(
      async () => (await somebody.get('/api/wallet')).body,
      ({ in_flight }) => in_flight === 0,
    );
    expect(wallet.reserved).toBe(0);
  });
});

describe.concurrent('an Idempotency-Key', () => {
  it('of two users stands for an answer of each, charged once', async () => {
    const answers = ['first', 'second', 'third'].map((content) => says(content, [10, 5], { times: 1 }));
    const { public_name } = await gateway.serve({ answers });
    const [a, b] = await Promise.all([gateway.user(10_000_000), gateway.user(10_000_000)]);
    const contents = [];
    for (const { token } of [a, b, a]) {
      const answer = await gateway.chat(token, public_name, {}, { 'idempotency-key': 'the-same' });
      contents.push(messageOf(answer).content);
    }
    expect(contents).toEqual(['first', 'second', 'first']);
    for (const one of [a, b]) expect((await one.get('/api/wallet')).body.consumed).toBe(30);
  });
});

describe.concurrent('a text that Postgres cannot store', () => {
  it('in prompt, answer, call and metadata is answered or refused, and its receipt can be read', async () => {
    const odd = 'a\u0000b\ud83d';
    const answer = says(odd);
    const call = { id: odd, type: 'function', function: { name: odd, arguments: '{"x":"\\u0000"}' } };
    Object.assign((answer.body as { choices: object[] }).choices[0] ?? {}, {
      message: { role: 'assistant', content: odd, tool_calls: [call] },
      finish_reason: 'tool_calls\u0000',
    });
    const { public_name } = await gateway.serve({ answers: [answer, says('ok')] });
    for (const fields of [ask(odd), { metadata: { odd } }, { user: odd }]) {
      const said = await gateway.chat(user.token, public_name, fields, {
        'idempotency-key': crypto.randomUUID(),
      });
      expect(said.status).toBeLessThan(504);
      expect(said.status).not.toBe(500);
      const id = said.headers['x-execution-id'];
      if (id !== undefined) expect((await gateway.receiptOf(user, id)).ledger).toHaveLength(2);
    }
  });
});
