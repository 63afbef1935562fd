import { beforeAll, describe, expect, inject, it } from 'vitest';
import { type Client, registerSomebody } from '../support/demo.ts';

const KEYS = '/api/api-keys';
const UNKNOWN = '01900000-0000-7000-8000-ffffffffffff';
const stack = inject('stack');

let user: Client;
beforeAll(async () => {
  user = await registerSomebody(stack.port, 'acme.localhost');
});

const refusal = (status: number, code: string) => ({ status, body: { error: { code } } });

describe('a request for a key', () => {
  const future = '2999-01-01T00:00:00Z';
  const wrong: [string, unknown, string][] = [
    ['no name', {}, 'name'],
    ['an empty name', { name: '  ' }, 'name'],
    ['a name that cannot be stored', { name: 'a\u0000b' }, 'name'],
    ['an unknown field', { name: 'x', user_id: UNKNOWN }, 'user_id'],
    ['an unknown scope', { name: 'x', scopes: ['admin'] }, 'scopes.0'],
    ['no scope at all', { name: 'x', scopes: [] }, 'scopes'],
    ['a scope twice', { name: 'x', scopes: ['models:read', 'models:read'] }, 'scopes'],
    ['no model at all', { name: 'x', allowed_models: [] }, 'allowed_models'],
    ['an expiry that is over', { name: 'x', expires_at: '2020-01-01T00:00:00Z' }, 'expires_at'],
    ['an expiry that is no time', { name: 'x', expires_at: 'tomorrow' }, 'expires_at'],
    ...[0, -1, 1.5, '7', 1e30, 1_000_001].map((value): [string, unknown, string] => [
      `requests_per_minute ${value}`,
      { name: 'x', requests_per_minute: value },
      'requests_per_minute',
    ]),
    ...[-1, 0.5, 2 ** 50 + 1, '1e3'].map((value): [string, unknown, string] => [
      `monthly_budget_tokens ${value}`,
      { name: 'x', monthly_budget_tokens: value },
      'monthly_budget_tokens',
    ]),
    ['tokens_per_minute 0', { name: 'x', tokens_per_minute: 0 }, 'tokens_per_minute'],
  ];
  it.each(wrong)('with %s is refused and names the field', async (_, body, field) => {
    const answer = await user.post(KEYS, body);
    expect(answer).toMatchObject(refusal(400, 'invalid_request'));
    expect(answer.body.error.details.issues[0].field).toBe(field);
  });

  it('that is empty, as a body or as a change, is refused', async () => {
    const { id } = (await user.post(KEYS, { name: 'to change' })).body;
    expect((await user.post(KEYS)).status).toBe(400);
    expect(await user.patch(`${KEYS}/${id}`, {})).toMatchObject(refusal(400, 'invalid_request'));
    expect(await user.patch(`${KEYS}/${id}`, { scopes: ['wallet:read'] })).toMatchObject(
      refusal(400, 'invalid_request'),
    );
  });

  it('that is sent twice makes one key: the name is taken', async () => {
    const body = { name: 'double', expires_at: future };
    const answers = await Promise.all([user.post(KEYS, body), user.post(KEYS, body)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
    expect(answers.find(({ status }) => status === 409)).toMatchObject(refusal(409, 'name_taken'));
  });
});
