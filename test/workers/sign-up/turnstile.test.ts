import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ask, hostname, mailTaken, newAddress, openRegistration } from '../http/asking.ts';

const PASSWORD = 'seventeen green umbrellas';
const newEmail = () => `${crypto.randomUUID()}@example.test`;
const BASE_URL = 'http://turnstile.test';
const variables = {
  ...{ TURNSTILE_SITE_KEY: 'site', TURNSTILE_SECRET_KEY: 'secret', TURNSTILE_BASE_URL: BASE_URL },
  MAIL_FROM: 'no-reply@example.test',
};

await openRegistration();

type Asked = { secret: string; response: string; remoteip: string; idempotency_key: string };
let questions: Asked[];
let answers: (object | Error)[];

/** Answers `siteverify`, and lets every other request through. */
beforeEach(() => {
  questions = [];
  answers = [];
  const real = globalThis.fetch;
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    if (!String(input).startsWith(BASE_URL)) return real(input, init);
    expect(String(input)).toBe(`${BASE_URL}/turnstile/v0/siteverify`);
    questions.push(JSON.parse(String(init?.body)));
    const answer = answers.shift() ?? new Error('no answer');
    if (answer instanceof Error) throw answer;
    return Response.json(answer);
  });
});
afterEach(() => vi.restoreAllMocks());

const genuine = (action: string) => ({ success: true, 'error-codes': [], hostname, action });
const refused = (...codes: string[]) => ({ success: false, 'error-codes': codes });

async function register(turnstile_token?: string, address = newAddress()) {
  const body = { email: newEmail(), password: PASSWORD, turnstile_token };
  const answer = await ask('/api/auth/register', { body, address, variables, bindings: mailTaken });
  const { error } = (await answer.json()) as {
    error?: { code: string; details: { part?: string; issues?: { field: string; rule: string }[] } };
  };
  return {
    ...{ status: answer.status, retryAfter: answer.headers.get('retry-after') },
    ...{ issue: error?.details.issues?.[0], part: error?.details.part },
  };
}

describe('a registration where the platform has Turnstile', () => {
  it('asks Cloudflare about the token, once, with the address of the client', async () => {
    answers = [genuine('register')];
    expect((await register('a token', '203.0.113.9')).status).toBe(201);
    expect(questions).toEqual([
      { secret: 'secret', response: 'a token', remoteip: '203.0.113.9', idempotency_key: expect.any(String) },
    ]);
  });

  it('needs a token', async () => {
    expect(await register()).toMatchObject({
      ...{ status: 400, issue: { field: 'turnstile_token', rule: 'required' } },
    });
    expect(questions).toEqual([]);
  });

  it.each([
    ['that was used or is too old', refused('timeout-or-duplicate'), 'used_or_expired'],
    ['that is invented', refused('invalid-input-response'), 'invalid'],
    ['of another hostname', { ...genuine('register'), hostname: 'elsewhere.example' }, 'invalid'],
    ['of another action', genuine('password-reset'), 'invalid'],
  ])('refuses a token %s by name', async (_, answer, rule) => {
    answers = [answer];
    expect(await register('a token')).toMatchObject({
      ...{ status: 400, issue: { field: 'turnstile_token', rule } },
    });
  });

  it('asks again under the same key when there was no answer', async () => {
    answers = [new Error('timed out'), genuine('register')];
    expect((await register('a token')).status).toBe(201);
    expect(questions).toHaveLength(2);
    expect(questions[0]).toEqual(questions[1]);
  });

  it.each([
    ['cannot be reached', [new Error('down'), new Error('down')]],
    ['has an error of its own', [refused('internal-error'), refused('internal-error')]],
    ['does not know our secret', [refused('invalid-input-secret')]],
    ['answers what nobody can read', [{}, {}]],
  ])('is refused, to be tried again later, while Cloudflare %s', async (_, given) => {
    answers = given;
    expect(await register('a token')).toMatchObject({ status: 503, part: 'turnstile', retryAfter: '60' });
  });
});

it('a reset of a password needs a token of its own, and a sign-in needs none', async () => {
  const reset = (body: object) =>
    ask('/api/auth/password-reset', { body, address: newAddress(), variables, bindings: mailTaken });
  expect((await reset({ email: newEmail() })).status).toBe(400);
  answers = [genuine('password-reset')];
  expect((await reset({ email: newEmail(), turnstile_token: 'a token' })).status).toBe(202);
  const login = { email: newEmail(), password: PASSWORD };
  expect(
    (await ask('/api/auth/login', { body: login, address: newAddress(), variables, bindings: mailTaken }))
      .status,
  ).toBe(401);
});

it('one key of Turnstile without the other is a mistake', async () => {
  const answer = await ask('/api/tenant', { variables: { TURNSTILE_SITE_KEY: 'site' } }).catch(
    (error: Error) => error,
  );
  expect(answer instanceof Error ? answer.message : (answer as Response).status).not.toBe(200);
});
