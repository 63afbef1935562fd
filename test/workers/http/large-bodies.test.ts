import { beforeAll, describe, expect, it } from 'vitest';
import { ask, somebody } from './asking.ts';

let token: string;
beforeAll(async () => {
  ({ token } = await somebody('admin'));
});

/** Returns a text of `count` equal items. */
const items = (item: string, count: number) => Array.from({ length: count }, () => item).join(',');
const surfaces = ['/v1/chat/completions', '/v1/messages', '/v1/responses', '/api/ai/executions'];

const chat = (messages: string) => `{"model":"m","max_tokens":5,"messages":[${messages}]}`;
const parts = (content: string) => chat(`{"role":"user","content":[${content}]}`);

/** The most items of a body for prompts, by the number of keys and items that each counts for. */
const most = (values: number) => Math.floor(49_900 / values);

describe('a body with more keys and items than can be validated at once', () => {
  it.each(surfaces)('is refused at %s by name, and quickly', async (path) => {
    const body = `{"model":"m","input":[${items('1', 3_990_000)}]}`;
    const answer = await ask(path, { body, token });
    expect(answer.status).toBe(413);
    const { error } = (await answer.json()) as { error: { message: string } };
    expect(error.message).toBe('The body has more than 50000 keys and items.');
  });

  it('is refused without a session where none is needed', async () => {
    const answer = await ask('/api/auth/login', { body: `{"email":[${items('1', 20_000)}]}` });
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({
      error: {
        code: 'body_too_large',
        details: { field: 'body', rule: 'too_many_values', values_max: 10_000 },
      },
    });
  });
});

describe('a body of as many invalid values as are read', () => {
  const bodies: [string, string][] = [
    ['empty messages', chat(items('{}', most(2)))],
    ['numbers for messages', chat(items('1', most(1)))],
    ['messages without content', chat(items('{"role":"user"}', most(2)))],
    ['empty parts', parts(items('{}', most(2)))],
    ['parts of an unknown type', parts(items('{"type":"no"}', most(2)))],
    [
      'empty calls',
      chat(
        `{"role":"assistant","content":null,"tool_calls":[${items('{}', most(2))}]},{"role":"user","content":"x"}`,
      ),
    ],
    ['empty items', `{"model":"m","input":[${items('{}', most(2))}]}`],
    ['items of an unknown type', `{"model":"m","input":[${items('{"type":"no"}', most(2))}]}`],
    ['empty tools', `{"model":"m","messages":[],"tools":[${items('{}', most(2))}]}`],
    [
      'unknown keys',
      `{"model":"m",${Array.from({ length: most(1) }, (_, index) => `"key${index}":1`).join(',')}}`,
    ],
  ];
  const cases = bodies.flatMap(([what, body]) => surfaces.map((path) => [what, path, body] as const));
  it.each(cases)('%s at %s: 400 with the first issues alone', async (_, path, body) => {
    const answer = await ask(path, { body, token });
    expect(answer.status).toBe(400);
    expect((await answer.text()).length).toBeLessThan(20_000);
  });

  it.each([
    ['POST', '/api/admin/models/018f0000-0000-7000-8000-000000000001/prices', { tiers: 1 }],
    ['PATCH', '/api/tenant', { allowed_origins: 1 }],
    ['PATCH', '/api/levels/018f0000-0000-7000-8000-000000000001', { models: 1 }],
    ['POST', '/api/api-keys', { allowed_models: 1 }],
  ])('%s %s: 400', async (method, path, fields) => {
    const list = Array.from({ length: 4_900 }, () => ({}));
    const body = Object.fromEntries(Object.keys(fields).map((name) => [name, list]));
    const answer = await ask(path, { method, body, token });
    expect(answer.status).toBe(400);
    expect((await answer.text()).length).toBeLessThan(20_000);
  });
});

it('a long conversation is read', async () => {
  const turn = '{"role":"user","content":[{"type":"text","text":"Hello"}]}';
  const answer = await ask('/v1/chat/completions', { body: chat(items(turn, 8_000)), token });
  // The request is valid: there is no model of this name.
  expect(answer.status).toBe(404);
  expect(await answer.json()).toMatchObject({ error: { code: 'model_not_found' } });
});
