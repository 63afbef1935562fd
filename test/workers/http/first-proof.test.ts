import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { newAccountToken } from '../../../worker/tenants/account-link.ts';
import { asOwner, home, stubOf } from '../checked-wallet.ts';
import { reserveCommandOf } from '../wallet/wallet-commands.ts';
import { openRegistration } from './asking.ts';
import { addApp, register, send } from './factor-account.ts';

await openRegistration();

/** A link that was mailed to a user. */
async function tokenFor(user_id: string, purpose: string): Promise<string> {
  const { token, hash } = newAccountToken();
  await asOwner(
    sql`insert into account_tokens (tenant_id, user_id, purpose, token_hash, mail_id, expires_at)
      values (${home.tenant_id}, ${user_id}, ${purpose}, decode(${hash}, 'hex'), ${hash}, now() + interval '1 hour')`,
  );
  return token;
}

describe('the first proof of an address', () => {
  it.each([
    ['verify_email', '/api/auth/verify-email', {}],
    ['reset_password', '/api/auth/password-reset/confirm', { password: 'twelve purple lighthouses' }],
  ])('by %s ends what whoever registered had added, also in the wallet', async (purpose, path, more) => {
    const account = await register();
    const key = { name: 'Left behind', scopes: ['executions:write'] };
    const made = await send('/api/api-keys', key, account.token);
    expect(made.status).toBe(201);
    await addApp(account.token);
    const wallet = { tenant_id: home.tenant_id, user_id: account.id };
    const none = { requests_per_minute: null, tokens_per_minute: null, monthly_budget_tokens: null };
    const reserve = () => {
      const { execution, ...command } = reserveCommandOf(wallet, 5);
      const { id } = made.body;
      return stubOf(wallet).reserve({
        ...{ ...command, session_issued_at_s: null, key: { id, version: 0, ...none } },
        execution: { ...execution, api_key_id: id },
      });
    };
    expect(await reserve()).toMatchObject({ ok: true });
    const token = await tokenFor(account.id, purpose);
    expect((await send(path, { token, ...more })).code).toBeUndefined();
    expect(await reserve()).toEqual({ ok: false, code: 'api_key_revoked' });
    const [factors] = await asOwner(sql`select from user_factors where user_id = ${account.id}`);
    expect(factors).toHaveLength(0);
  });

  it('ends nothing where the account is signed in, and only there', async () => {
    const [account, stranger] = [await register(), await register()];
    const factorsLeft = async (session: string) => {
      const token = await tokenFor(account.id, 'verify_email');
      await asOwner(sql`update users set email_verified_at = null where id = ${account.id}`);
      expect((await send('/api/auth/verify-email', { token }, session)).code).toBeUndefined();
      const [factors] = await asOwner(sql`select from user_factors where user_id = ${account.id}`);
      return factors?.length;
    };
    await addApp(account.token);
    expect(await factorsLeft(account.token)).toBe(1);
    expect(await factorsLeft(stranger.token)).toBe(0);
  });
});
