import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { asOwner, registerSomebody } from '../support/demo.ts';
import { request, requestJson } from '../support/http.ts';
import { simulatedDomains } from '../support/simulated-domains.ts';
import { manageTenants } from '../support/tenants.ts';

const stack = inject('stack');
const { set, setValues, clear, setResolver, setFault, setHostname, hostnames } = simulatedDomains(
  stack.simulatorOrigin,
);

type Tenants = Awaited<ReturnType<typeof manageTenants>>;
let tenants: Tenants;
let own: Awaited<ReturnType<Tenants['open']>>;
beforeAll(async () => {
  tenants = await manageTenants(stack.port);
  own = await tenants.open();
});
afterEach(async () => {
  await setFault('none');
  await setResolver('none');
});

const newHostname = () => `ai.acme-${crypto.randomUUID().slice(0, 8)}.com`;
const by = (host: string, token: string) => (path: string, method: string, body?: unknown) =>
  tenants.send(host, `/api/domains${path}`, method, body, token);
const send = (path: string, method: string, body?: unknown) => by(own.host, own.token)(path, method, body);

async function add(hostname: string) {
  const answer = await send('', 'POST', { hostname });
  expect(answer, JSON.stringify(answer.body)).toMatchObject({ status: 201 });
  return answer.body;
}

/** Lets time pass for a domain. */
const letPass = (id: string, ago: string) =>
  asOwner(
    stack.ownerUrl,
    `update tenant_domains set check_started_at = check_started_at - $2::interval,
       checked_at = checked_at - $2::interval, missing_since = missing_since - $2::interval where id = $1`,
    [id, ago],
  );

/** Checks a domain as if the last check were longer ago. The hourly run, which another test starts, may be checking it. */
async function check(id: string, ago = '11 seconds') {
  await letPass(id, ago);
  let answer = await send(`/${id}/check`, 'POST');
  for (let wait = 0; answer.status === 429 && wait < 20; wait += 1) {
    await sleep(100);
    await letPass(id, '11 seconds');
    answer = await send(`/${id}/check`, 'POST');
  }
  expect(answer, JSON.stringify(answer.body)).toMatchObject({ status: 200 });
  return answer.body;
}

const LOOKS_MAX = 8;

/** Checks until the domain has a status. */
async function until(id: string, status: string) {
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    const domain = await check(id);
    if (domain.status === status) return domain;
  }
  throw new Error(`The domain is not ${status}`);
}

type Named = { purpose: string; type: string; name: string; value: string };
const recordOf = (domain: { records: Named[] }, purpose: string): Named => {
  const record = domain.records.find((one) => one.purpose === purpose);
  if (record === undefined) throw new Error(`No record for ${purpose}`);
  return record;
};

async function activate(hostname: string) {
  const added = await add(hostname);
  await set(recordOf(added, 'proof'));
  await set(recordOf(added, 'routing'));
  return until(added.id, 'active');
}

const statusAt = async (hostname: string) => (await requestJson(stack.port, hostname, '/api/tenant')).status;

it('a domain goes from a TXT record to a certificate, serves the app, /api and /v1, and answers 404 once removed', async () => {
  const hostname = newHostname();
  const added = await add(hostname.toUpperCase());
  expect(added).toMatchObject({ hostname, status: 'waiting_for_txt', error: null, verified_at: null });
  expect(added.records.map(({ type, name }: Named) => [type, name])).toEqual([
    ['TXT', `_vanilla-verify.${hostname}`],
    ['CNAME', hostname],
  ]);
  expect(await check(added.id)).toMatchObject({ status: 'waiting_for_txt', ownership: { state: 'waiting' } });
  expect(await hostnames(), 'Cloudflare is not asked before the proof').not.toContain(hostname);

  await setValues('TXT', `_vanilla-verify.${hostname}`, ['another-service', recordOf(added, 'proof').value]);
  const issuing = await check(added.id);
  expect(issuing).toMatchObject({
    ...{ status: 'issuing', ownership: { state: 'done' }, verified_at: expect.any(String) },
    ...{ certificate: { state: 'waiting' }, routing: { state: 'waiting' } },
  });
  expect(await statusAt(hostname)).toBe(404);

  await set(recordOf(issuing, 'routing'));
  const active = await until(added.id, 'active');
  expect(active).toMatchObject({
    ...{
      error: null,
      ownership: { state: 'done' },
      certificate: { state: 'done' },
      routing: { state: 'done' },
    },
  });
  const at = (path: string, token?: string) => tenants.send(hostname, path, 'GET', undefined, token);
  expect((await at('/api/tenant')).body.slug).toBe(own.slug);
  expect((await at('/api/domains', own.token)).body.items).toContainEqual(active);
  expect((await at('/v1/models', own.token)).status).toBe(200);
  expect((await at('/v1/models')).status).toBe(401);
  const page = await request(stack.port, hostname, '/', { headers: { accept: 'text/html' } });
  expect([page.status, page.text.includes('<title>Made by a test</title>')]).toEqual([200, true]);

  expect((await send(`/${added.id}`, 'DELETE')).status).toBe(204);
  expect(await statusAt(hostname)).toBe(404);
  expect(await hostnames()).not.toContain(hostname);
  expect((await send(`/${added.id}`, 'GET')).status).toBe(404);
  const again = await add(hostname);
  expect(await check(again.id), 'the earlier proof does not count').toMatchObject({
    status: 'waiting_for_txt',
  });
});

it('the top of a domain gets an ALIAS, and TXT records for its ownership and its certificate', async () => {
  const hostname = newHostname().slice('ai.'.length);
  const added = await add(hostname);
  await set(recordOf(added, 'proof'));
  expect(recordOf(added, 'routing').type).toBe('ALIAS');
  await set(recordOf(added, 'routing'));
  await check(added.id);
  const waiting = await check(added.id);
  for (const purpose of ['ownership', 'certificate']) await set(recordOf(waiting, purpose));
  expect(await until(added.id, 'active')).toMatchObject({ routing: { state: 'done' } });
  expect(await statusAt(hostname)).toBe(200);
});

describe('a hostname', () => {
  it.each([
    ['*.acme.com', 'wildcard'],
    ['192.0.2.1', 'ip_address'],
    ['ai.acme.com.', 'trailing_dot'],
    ['acme', 'single_label'],
    ['co.uk', 'public_suffix'],
    ['acme.localhost', 'own_domain'],
    ['domains.vanilla-simulated.net', 'own_domain'],
    ['https://ai.acme.com', 'hostname'],
    ['', 'too_small'],
    ['a'.repeat(301), 'too_big'],
  ])('%s is refused by the rule %s, and nothing is stored', async (hostname, rule) => {
    const before = (await send('', 'GET')).body.items.length;
    expect(await send('', 'POST', { hostname })).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request', details: { issues: [{ field: 'hostname', rule }] } } },
    });
    expect((await send('', 'GET')).body.items).toHaveLength(before);
  });

  it('in letters of the world is stored in punycode', async () => {
    const label = crypto.randomUUID().slice(0, 8);
    const { hostname } = await add(`ki.${label}-MÜNCHEN.de`);
    expect(hostname).toMatch(/^ki\.xn--[a-z0-9-]+\.de$/);
  });

  it('of another tenant is theirs, and so are its records; users and strangers see none', async () => {
    const other = await tenants.open();
    const hostname = newHostname();
    const { id } = await activate(hostname);
    const foreign = by(other.host, other.token);
    expect(await foreign('', 'POST', { hostname })).toMatchObject({
      ...{ status: 409, body: { error: { code: 'name_taken', details: { field: 'hostname' } } } },
    });
    expect(await send('', 'POST', { hostname })).toMatchObject({ status: 409 });
    expect((await foreign(`/${id}`, 'GET')).status).toBe(404);
    expect((await foreign(`/${id}/check`, 'POST')).status).toBe(404);
    expect((await foreign(`/${id}`, 'DELETE')).status).toBe(404);
    expect((await by(other.host, own.token)('', 'GET')).status).toBe(401);
    const user = await registerSomebody(stack.port, 'acme.localhost');
    for (const [method, path, body] of [
      ['GET', ''],
      ['POST', '', { hostname: newHostname() }],
      ['GET', `/${id}`],
      ['POST', `/${id}/check`],
      ['DELETE', `/${id}`],
    ] as const)
      expect((await by('acme.localhost', user.token)(path, method, body)).status, `${method} ${path}`).toBe(
        403,
      );
    expect(await tenants.superadmin.post('/api/domains', { hostname: newHostname() })).toMatchObject({
      status: 403,
    });
    expect(await statusAt(hostname)).toBe(200);
  });
});

describe('when something fails', () => {
  it('a check is repeated after ten seconds at the earliest', async () => {
    const { id } = await add(newHostname());
    await check(id);
    const answer = await send(`/${id}/check`, 'POST');
    expect([answer.status, answer.body.error.code]).toEqual([429, 'rate_limited']);
    expect(answer.headers['retry-after']).toBe('10');
  });

  it.each(['rate_limited', 'server_error', 'quota'])(
    'a domain waits while Cloudflare answers %s, and goes on after it',
    async (mode) => {
      const added = await add(newHostname());
      await set(recordOf(added, 'proof'));
      await set(recordOf(added, 'routing'));
      await setFault(mode);
      expect(await check(added.id)).toMatchObject({ status: 'issuing', error: expect.any(String) });
      await setFault('none');
      expect((await until(added.id, 'active')).error).toBeNull();
    },
  );

  it('a CAA record and a blocked hostname are told in words', async () => {
    const added = await add(newHostname());
    await set(recordOf(added, 'proof'));
    await set(recordOf(added, 'routing'));
    await setValues('CAA', added.hostname, ['0 issue "other.example"']);
    await check(added.id);
    await check(added.id);
    expect((await check(added.id)).certificate).toEqual({
      ...{ state: 'problem', message: expect.stringContaining('CAA') },
    });
    await setHostname(added.hostname, { status: 'blocked' });
    expect(await check(added.id)).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('support'),
    });
    expect(await hostnames()).not.toContain(added.hostname);
  });

  it('an active domain whose proof or routing is gone for an hour answers no more, and comes back with both', async () => {
    const hostname = newHostname();
    const active = await activate(hostname);
    await clear(recordOf(active, 'routing'));
    expect(await check(active.id)).toMatchObject({ status: 'active', routing: { state: 'waiting' } });
    await setResolver('servfail');
    expect((await check(active.id, '61 minutes')).status, 'nobody knows').toBe('active');
    await setResolver('none');
    expect(await check(active.id)).toMatchObject({
      status: 'moved',
      error: expect.stringContaining('point'),
    });
    expect(await statusAt(hostname)).toBe(404);
    expect(await check(active.id)).toMatchObject({ status: 'moved', certificate: { state: 'waiting' } });
    await set(recordOf(active, 'routing'));
    await until(active.id, 'active');
    expect(await statusAt(hostname)).toBe(200);
    await setHostname(hostname, { status: 'moved' });
    expect((await check(active.id)).status).toBe('moved');
    expect(await statusAt(hostname)).toBe(404);
  });

  it('a removal that Cloudflare does not take is finished by the hourly run; the hostname answers no more meanwhile', async () => {
    const hostname = newHostname();
    const { id } = await activate(hostname);
    await setFault('server_error');
    expect((await send(`/${id}`, 'DELETE')).status).toBe(204);
    expect(await statusAt(hostname)).toBe(404);
    expect((await send(`/${id}`, 'GET')).body.status).toBe('deleting');
    await setFault('none');
    expect(await hostnames()).toContain(hostname);
    await asOwner(stack.ownerUrl, 'update tenant_domains set next_check_at = now() where id = $1', [id]);
    await request(stack.port, 'localhost', '/cdn-cgi/local/scheduled?cron=17+*+*+*+*');
    await expect.poll(hostnames, { timeout: 20_000 }).not.toContain(hostname);
    await expect.poll(async () => (await send(`/${id}`, 'GET')).status, { timeout: 5_000 }).toBe(404);
  });
});
