import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { asOwner, type Client, eventually, registerSomebody, setBalance, signIn } from '../support/demo.ts';
import { ACME, GLOBEX, run, UNKNOWN, userPath } from '../support/governance.ts';
import { request } from '../support/http.ts';

const stack = inject('stack');

let admin: Client;
let superadmin: Client;
let foreignAdmin: Client;
beforeAll(async () => {
  admin = await signIn(stack.port, ACME, 'admin@acme.test');
  superadmin = await signIn(stack.port, 'localhost', 'super@vanilla.test');
  foreignAdmin = await signIn(stack.port, GLOBEX, 'admin@globex.test');
});

const checkOf = (user: Client) => `${userPath(user)}/wallet/reconciliation`;
const check = (by: Client, user: Client, full = false) => by.post(checkOf(user), { full });
const repair = (by: Client, user: Client, body: object = { reason: 'a test broke it' }, key = randomUUID()) =>
  by.post(`${userPath(user)}/wallet/repair`, body, { 'idempotency-key': key });

/** Repeats the check until it is `ok`, which needs the newest entries in Postgres. */
const untilOk = (user: Client, full = false) =>
  eventually(
    () => check(admin, user, full),
    ({ body }) => body.reconciliation?.status === 'ok',
  );

/** Registers a user, runs a prompt, and waits until the wallet's check is `ok`. */
async function somebodyInOrder(): Promise<Client> {
  const user = await registerSomebody(stack.port, ACME);
  for (let executions = 0; executions < 3; executions++) expect((await run(user)).status).toBe(201);
  await untilOk(user);
  return user;
}

/** Changes the ledger with its triggers disabled. */
async function tamper(statement: string, user: Client): Promise<void> {
  await asOwner(stack.ownerUrl, 'alter table user_token_ledger disable trigger user');
  try {
    await asOwner(stack.ownerUrl, statement, [user.userId]);
  } finally {
    await asOwner(stack.ownerUrl, 'alter table user_token_ledger enable trigger user');
  }
}

describe('a wallet that agrees with its ledger', () => {
  it('is ok: every entry is verified, and its executions cost what it consumed', async () => {
    const user = await somebodyInOrder();
    await setBalance(admin, user, 5_000);
    const { body } = await untilOk(user, true);
    const { wallet, ledger, executions_charged } = body.figures;
    expect(ledger).toEqual(wallet);
    expect(executions_charged).toBe(wallet.consumed + wallet.overage);
    expect(body.entries_verified).toBe(body.reconciliation.wallet_seq);
    expect(wallet.consumed).toBeGreaterThan(0);
  });

  it('is exported as a chain that can be verified offline, and that one changed digit breaks', async () => {
    const user = await somebodyInOrder();
    const headers = { authorization: `Bearer ${user.token}` };
    const file = await request(stack.port, ACME, '/api/wallet/export', { headers });
    expect(file.status).toBe(200);
    expect(file.headers['content-type']).toBe('application/x-ndjson');
    expect(file.headers['content-disposition']).toContain(`ledger-${user.userId}.ndjson`);
    const verify = (text: string) =>
      new Promise<{ code: number; said: string }>((resolve) => {
        const child = execFile(process.execPath, ['dev/verify-ledger.ts', '-'], (error, said) =>
          resolve({ code: Number(error?.code ?? 0), said }),
        );
        child.stdin?.end(text);
      });
    const proved = await verify(file.text);
    expect(proved).toMatchObject({ code: 0 });
    const { available, seq } = (await user.get('/api/wallet')).body;
    expect(proved.said).toMatch(new RegExp(`available +${available}\n`));
    expect(proved.said).toContain(`every entry from 1 to ${seq}`);
    const forged = file.text.replace(/"amount":(\d+)/, '"amount":9$1');
    expect(await verify(forged)).toMatchObject({
      code: 1,
      said: expect.stringContaining('Entry 1 was changed'),
    });
  });
});

describe('a ledger that was tampered with', () => {
  it('by deleting an entry is completed by the wallet itself, within seconds and without an alert', async () => {
    const user = await somebodyInOrder();
    await tamper('delete from user_token_ledger where user_id = $1 and seq = 2', user);
    const found = await check(admin, user);
    expect(found.body.reconciliation).toMatchObject({ status: 'healing', differences: [] });
    await untilOk(user);
    await untilOk(user, true);
  });

  it('by changing an entry is different, until a superadmin acknowledges it by a repair', async () => {
    const user = await somebodyInOrder();
    await tamper(`update user_token_ledger set reason = 'forged' where user_id = $1 and seq = 2`, user);
    const found = await check(admin, user, true);
    expect(found.body.reconciliation).toMatchObject({
      status: 'different',
      verified_seq: 1,
      differences: [{ kind: 'hash_broken', seq: 2 }],
    });
    const { body: listed } = await admin.get('/api/reconciliation?status=different&limit=100');
    expect(listed.items.map((item: { user_id: string }) => item.user_id)).toContain(user.userId);
    const { available } = (await user.get('/api/wallet')).body;
    const repaired = await repair(superadmin, user);
    expect(repaired).toMatchObject({
      status: 201,
      body: { seq: null, wallet: { available }, report: { reconciliation: { status: 'ok' } } },
    });
    const audit = await asOwner(
      stack.ownerUrl,
      'select actor_user_id, action, target_id, details from audit_log where request_id = $1 order by id',
      [repaired.headers['x-request-id']],
    );
    const by = { actor_user_id: superadmin.userId, target_id: user.userId };
    expect(audit).toMatchObject([
      { ...by, action: 'wallet.repair_ordered', details: { reason: 'a test broke it' } },
      { ...by, action: 'wallet.repaired', details: { reason: 'a test broke it' } },
    ]);
    expect((await run(user)).status).toBe(201);
    const { body } = await untilOk(user, true);
    expect(body.reconciliation).toMatchObject({
      differences: [],
      acknowledged: [{ kind: 'hash_broken', seq: 2 }],
    });
  });

  it('by changing a charge is bridged by one entry, and executions follow the ledger', async () => {
    const user = await somebodyInOrder();
    await tamper(
      `update user_token_ledger set amount = amount + 5, lifetime_delta = lifetime_delta - 5 where user_id = $1 and kind = 'debit'
         and seq = (select min(seq) from user_token_ledger where user_id = $1 and kind = 'debit')`,
      user,
    );
    const { body: before } = await check(admin, user, true);
    expect(before.reconciliation.status).toBe('different');
    const key = randomUUID();
    const repaired = await repair(superadmin, user, undefined, key);
    const seq = before.reconciliation.wallet_seq + 1;
    expect(repaired).toMatchObject({
      status: 201,
      body: { seq, wallet: { lifetime: before.figures.wallet.lifetime } },
    });
    expect(repaired.body.report).toMatchObject({ reconciliation: { status: 'ok', wallet_seq: seq } });
    expect(await repair(superadmin, user, undefined, key)).toMatchObject({ status: 201, body: { seq } });
    const { figures } = (await untilOk(user, true)).body;
    expect(figures.executions_charged).toBe(before.figures.executions_charged + 5);
  });
});

describe('the scheduled check', () => {
  it('checks every wallet of every tenant, and heals missing entries', async () => {
    const user = await somebodyInOrder();
    await tamper('delete from user_token_ledger where user_id = $1 and seq = 3', user);
    const before = new Date().toISOString();
    // The address at which wrangler dev runs a cron trigger. It requires the host localhost.
    const rung = await request(stack.port, 'localhost', '/cdn-cgi/local/scheduled?cron=17+*+*+*+*');
    expect(rung.status).toBe(200);
    const uncheckedSince = () =>
      asOwner(
        stack.ownerUrl,
        `select w.user_id from user_token_wallets w
           left join wallet_reconciliations r on r.user_id = w.user_id and r.checked_at >= $1
         where r.user_id is null`,
        [before],
      );
    await eventually(uncheckedSince, (rows) => rows.length === 0, 60_000);
    const missing = () =>
      asOwner(stack.ownerUrl, 'select seq from user_token_ledger where user_id = $1 and seq = 3', [
        user.userId,
      ]);
    await eventually(missing, (rows) => rows.length === 1);
    await untilOk(user, true);
  });
});

describe('access:', () => {
  it('an admin sees their tenant, a superadmin every tenant, and a user nothing', async () => {
    const user = await somebodyInOrder();
    const items = async (by: Client) => (await by.get('/api/reconciliation?limit=100')).body.items;
    const ids = (list: { user_id: string }[]) => list.map(({ user_id }) => user_id);
    expect(ids(await items(admin))).toContain(user.userId);
    expect(ids(await items(superadmin))).toContain(user.userId);
    expect(ids(await items(foreignAdmin))).not.toContain(user.userId);
    expect((await user.get('/api/reconciliation')).body.error.code).toBe('forbidden');
    expect((await check(superadmin, user)).status).toBe(200);
    for (const path of [checkOf(user), `${userPath(user)}/wallet/repair`]) {
      const body = path.endsWith('repair') ? { reason: 'mine' } : { full: false };
      expect((await user.post(path, body)).body.error.code).toBe('forbidden');
      expect(await foreignAdmin.post(path, body)).toMatchObject({
        status: 404,
        body: { error: { code: 'not_found' } },
      });
    }
    expect((await repair(admin, user)).body.error.code).toBe('forbidden');
    expect((await superadmin.post(`/api/users/${UNKNOWN}/wallet/reconciliation`, {})).status).toBe(404);
    expect((await repair(superadmin, user)).body.error.code).toBe('nothing_to_repair');
  });

  it('a ledger is exported only to its user and their admins', async () => {
    const user = await somebodyInOrder();
    const path = `${userPath(user)}/wallet/export`;
    const statusFor = async (by: Client, host: string) =>
      (await request(stack.port, host, path, { headers: { authorization: `Bearer ${by.token}` } })).status;
    expect(await statusFor(admin, ACME)).toBe(200);
    expect(await statusFor(superadmin, 'localhost')).toBe(200);
    expect(await statusFor(user, ACME)).toBe(403);
    expect(await statusFor(foreignAdmin, GLOBEX)).toBe(404);
  });

  it.each([
    ['no reason', {}],
    ['an empty reason', { reason: '  ' }],
    ['more than a reason', { reason: 'x', amount: 5 }],
    ['what Postgres cannot store', { reason: 'a\u0000b' }],
  ])('a repair is refused with %s', async (_, body) => {
    const refused = await repair(superadmin, admin, body);
    expect(refused).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });
  });
});
