import { describe, expect, it } from 'vitest';
import { type Conduct, softwarePasskey } from '../../support/software-passkey.ts';
import { abroad } from '../checked-wallet.ts';
import { ask, hostnameOf, openRegistration } from './asking.ts';
import { ORIGIN, PASSWORD, register, send } from './factor-account.ts';

await openRegistration();
const honest: Conduct = { origin: ORIGIN };

/** Registers somebody with a passkey. */
async function withPasskey() {
  const account = await register();
  const passkey = await softwarePasskey();
  const options = (await send('/api/auth/factors/passkeys/options', undefined, account.token)).body;
  const body = { name: 'Phone', passkey: await passkey.create(options, honest) };
  const added = await send('/api/auth/factors/passkeys', body, account.token);
  expect(added.status).toBe(201);
  return { ...account, passkey, added: added.body, body };
}

const optionsOf = async (ticket?: string) =>
  (await send('/api/auth/login/passkey/options', ticket === undefined ? {} : { ticket })).body;
const signIn = (proof: unknown) => send('/api/auth/login/passkey', { passkey: proof });

describe('a passkey', () => {
  it('is added with recovery codes, renamed and removed', async () => {
    const { token, added, body } = await withPasskey();
    expect(added).toMatchObject({ factor: { kind: 'passkey', name: 'Phone' } });
    expect(added.recovery_codes).toHaveLength(10);
    expect((await send('/api/auth/factors/passkeys', body, token)).code, 'again').toBe('factor_exists');
    const path = `/api/auth/factors/${added.factor.id}`;
    const renamed = await send(path, { name: ' Laptop ' }, token, 'PATCH');
    expect(renamed.body).toMatchObject({ name: 'Laptop' });
    expect((await send(path, { name: '' }, token, 'PATCH')).status).toBe(400);
    expect((await send(path, undefined, token, 'DELETE')).status).toBe(204);
  });

  it('signs in without address and password, once for each challenge', async () => {
    const { passkey, email } = await withPasskey();
    const options = await optionsOf();
    expect(options).toMatchObject({ userVerification: 'required', allowCredentials: [] });
    const proof = await passkey.prove(options, honest);
    expect(await signIn(proof)).toMatchObject({ status: 200, body: { user: { email } } });
    expect(await signIn(proof), 'again').toMatchObject({ status: 401, code: 'passkey_refused' });
    expect((await signIn(await passkey.prove(await optionsOf(), honest))).status).toBe(200);
  });

  it('is the second step after the password', async () => {
    const { passkey, logIn } = await withPasskey();
    const asked = await logIn();
    expect(asked).toMatchObject({ code: 'second_factor_required' });
    expect(asked.details.methods).toEqual(['passkey', 'recovery_code']);
    const { ticket } = asked.details;
    const options = await optionsOf(ticket);
    expect(options.allowCredentials).toHaveLength(1);
    const end = (proof: unknown) => send('/api/auth/login/second-factor', { ticket, passkey: proof });
    expect((await end(await passkey.prove(await optionsOf(), honest))).code, 'for anybody').toBe(
      'passkey_refused',
    );
    expect((await end(await passkey.prove(options, honest))).status).toBe(200);
    expect((await signIn(await passkey.prove(options, honest))).code, 'of a ticket').toBe('passkey_refused');
  });

  it.each<[string, Partial<Conduct>]>([
    ['of another site', { origin: 'http://evil.example', rpId: 'evil.example' }],
    ['that another site relays', { origin: 'http://evil.example', rpId: new URL(ORIGIN).hostname }],
    ['for another hostname', { rpId: 'localhost' }],
    ['without a PIN or a fingerprint', { isVerified: false }],
  ])('is refused %s, when it is added and when it is used', async (_, misconduct) => {
    const { passkey, token } = await withPasskey();
    const conduct = { ...honest, ...misconduct };
    expect(await signIn(await passkey.prove(await optionsOf(), conduct))).toMatchObject({
      ...{ status: 401, code: 'passkey_refused' },
    });
    const other = await softwarePasskey();
    const options = (await send('/api/auth/factors/passkeys/options', undefined, token)).body;
    const body = { name: 'Other', passkey: await other.create(options, conduct) };
    expect((await send('/api/auth/factors/passkeys', body, token)).code).toBe('passkey_refused');
  });

  it('is refused when its authenticator counts backwards, as a copy does', async () => {
    const { passkey } = await withPasskey();
    expect((await signIn(await passkey.prove(await optionsOf(), { ...honest, count: 5 }))).status).toBe(200);
    expect((await signIn(await passkey.prove(await optionsOf(), { ...honest, count: 5 }))).code).toBe(
      'passkey_refused',
    );
    expect((await signIn(await passkey.prove(await optionsOf(), { ...honest, count: 6 }))).status).toBe(200);
  });

  it('is refused with an invented challenge, one of another purpose, and for an account of somebody else', async () => {
    const [one, other] = [await withPasskey(), await withPasskey()];
    const adding = (await send('/api/auth/factors/passkeys/options', undefined, one.token)).body;
    for (const challenge of ['aGVsbG8', adding.challenge, ''])
      expect((await signIn(await one.passkey.prove({ challenge }, honest))).status).toBeGreaterThanOrEqual(
        400,
      );
    const proof = await other.passkey.prove(await optionsOf(), honest);
    const { body } = await signIn({ ...proof, id: one.body.passkey.id, rawId: one.body.passkey.id });
    expect(body.error.code).toBe('passkey_refused');
    const unknown = await softwarePasskey();
    expect((await signIn(await unknown.prove(await optionsOf(), honest))).code).toBe('passkey_refused');
  });

  it('is of its tenant alone', async () => {
    const { passkey } = await withPasskey();
    const hostname = await hostnameOf(abroad.tenant_id);
    const options = await ask('/api/auth/login/passkey/options', { body: {}, hostname });
    const proof = await passkey.prove(await options.json(), { origin: `http://${hostname}` });
    const answer = await ask('/api/auth/login/passkey', { body: { passkey: proof }, hostname });
    expect(answer.status).toBe(401);
  });

  it('is not needed by those who have none', async () => {
    const { email } = await register();
    expect((await send('/api/auth/login', { email, password: PASSWORD })).status).toBe(200);
  });
});
