import { v7 as uuidv7 } from 'uuid';
import { afterAll, expect, it } from 'vitest';
import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import { DOMAINS_MAX } from '../../contracts/api/tenant/domains.ts';
import { loadTenant } from '../../worker/db/load-snapshots.ts';
import {
  type BegunCheck,
  beginCheck,
  forgetDomain,
  hastenHolder,
  listDomainsToCheck,
  saveCheck,
  saveCustomHostnameId,
  saveProof,
} from '../../worker/db/tenants/domain-checks.ts';
import {
  beginDomainRemoval,
  insertDomain,
  listDomains,
  readDomain,
} from '../../worker/db/tenants/domains.ts';
import { erasePart } from '../../worker/db/tenants/tenant-lifecycle.ts';
import { roundTripsOf } from './database.ts';
import { claimsOf, got, refused, startGovernedWorld } from './governed-world.ts';
import { text } from './world.ts';

const world = await startGovernedWorld();
const { database, owner, worker, own, foreign, admin } = world;
afterAll(() => database.stop());

const { rows: foreigners } = await owner.query<{ id: string }>(
  `update users set role = 'admin' where tenant_id = $1 and id = $2 returning id`,
  [foreign.tenant_id, foreign.user_id],
);
const rival: SessionClaims = { ...claimsOf(foreign), userId: String(foreigners[0]?.id) };

const newHostname = () => `${text('ai').replaceAll('_', '-')}.acme.com`;
const claim = (claims: SessionClaims, hostname: string) =>
  insertDomain(worker, claims, { hostname, verification_token: text('token') }, uuidv7());
const begin = async (claims: SessionClaims, id: string) =>
  got(await beginCheck(worker, claims.tenantId, id)).check;

const found = { proof: 'found', routing: 'here', custom_hostname: null, refusal: null } as const;
const save = (check: BegunCheck, more: object = {}) =>
  saveCheck(worker, check, {
    ...{ status: 'active', problem: null, findings: found, custom_hostname_id: 'at-cloudflare' },
    ...{ missing_since_ms: null, next_check_ms: Date.now() + 60_000, is_proved: true },
    ...more,
  });

/** Lets the tenant prove a hostname and answer at it. */
async function activate(claims: SessionClaims, hostname: string): Promise<{ id: string; check: BegunCheck }> {
  const { id } = got(await claim(claims, hostname));
  const check = await begin(claims, id);
  got(await saveProof(worker, check));
  await save(check);
  return { id, check };
}

const tenantAt = async (hostname: string) =>
  (await loadTenant(worker, { hostname }, null)).tenant?.id ?? null;
/** Lets the ten seconds between two checks pass. */
const pause = (id: string) =>
  owner.query(
    `update tenant_domains set check_started_at = check_started_at - interval '11 seconds',
      checked_at = checked_at - interval '11 seconds' where id = $1`,
    [id],
  );

it('an admin claims a hostname in one round trip; other tenants neither see nor change it', async () => {
  const hostname = newHostname();
  let added: Awaited<ReturnType<typeof claim>> | undefined;
  expect(
    await roundTripsOf(database, async () => {
      added = await claim(admin, hostname);
    }),
  ).toBe(1);
  const { id, status, created_by } = got(added as NonNullable<typeof added>);
  expect([status, created_by?.id]).toEqual(['waiting_for_txt', admin.userId]);
  expect(got(await readDomain(worker, admin, id)).hostname).toBe(hostname);
  expect(await readDomain(worker, rival, id)).toEqual(refused('not_found'));
  expect(await beginDomainRemoval(worker, rival, id, uuidv7())).toEqual(refused('not_found'));
  expect(await beginCheck(worker, foreign.tenant_id, id)).toEqual(refused('not_found'));
  expect(got(await listDomains(worker, rival)).map((one) => one.id)).not.toContain(id);
  expect(await claim(claimsOf(own), newHostname())).toEqual(refused('forbidden'));
  expect(await listDomains(worker, claimsOf(own))).toEqual(refused('forbidden'));
  const { rows } = await owner.query('select action, actor_user_id from audit_log where target_id = $1', [
    id,
  ]);
  expect(rows).toEqual([{ action: 'domain.added', actor_user_id: admin.userId }]);
  expect(await tenantAt(hostname)).toBeNull();
});

it('claims without a proof block nobody, and the first tenant to prove a hostname has it', async () => {
  const hostname = newHostname();
  const squatted = got(await claim(rival, hostname)).id;
  const { id, check } = await activate(admin, hostname);
  expect(await tenantAt(hostname)).toBe(own.tenant_id);
  const late = await begin(rival, squatted);
  expect(await saveProof(worker, late)).toEqual(refused('taken'));
  expect(await claim(rival, hostname)).toEqual(refused('name_taken'));
  expect(await claim(admin, hostname)).toEqual(refused('name_taken'));

  await save(check, { status: 'moved', problem: 'proof_gone', is_proved: false });
  expect(await tenantAt(hostname)).toBeNull();
  expect(got(await saveProof(worker, late)).status).toBe('issuing');
  await pause(id);
  expect(await saveProof(worker, await begin(admin, id))).toEqual(refused('taken'));
});

it('a race of two tenants that prove a hostname at the same moment has one winner', async () => {
  const hostname = newHostname();
  const checks = [];
  for (const claims of [admin, rival])
    checks.push(await begin(claims, got(await claim(claims, hostname)).id));
  const proofs = await Promise.all(checks.map((check) => saveProof(worker, check)));
  expect(proofs.map(({ ok }) => ok).toSorted()).toEqual([false, true]);
});

it('whoever asks for a hostname that another tenant answers at has the check of it brought forward', async () => {
  const hostname = newHostname();
  const { id } = await activate(rival, hostname);
  const isDue = async () => (await listDomainsToCheck(worker, 1_000)).some((one) => one.id === id);
  await hastenHolder(worker, own.tenant_id, hostname);
  expect(await isDue(), 'it was checked within the hour').toBe(false);
  await owner.query(`update tenant_domains set checked_at = now() - interval '2 hours' where id = $1`, [id]);
  await hastenHolder(worker, own.tenant_id, hostname);
  expect(await isDue()).toBe(true);
});

it('one check of a domain runs at a time, and one that was overtaken saves nothing', async () => {
  const { id } = got(await claim(admin, newHostname()));
  const first = await begin(admin, id);
  expect(await beginCheck(worker, own.tenant_id, id)).toEqual(refused('busy'));
  await owner.query(
    `update tenant_domains set check_started_at = now() - interval '3 minutes' where id = $1`,
    [id],
  );
  const second = await begin(admin, id);
  expect(await saveProof(worker, first)).toEqual(refused('lost'));
  expect((await save(first))?.status).toBe('waiting_for_txt');
  expect((await save(second, { status: 'waiting_for_txt' }))?.checked_at).not.toBeNull();
  expect(await beginCheck(worker, own.tenant_id, id), 'checked just now').toEqual(refused('busy'));
  await pause(id);
  expect((await beginCheck(worker, own.tenant_id, id)).ok).toBe(true);
});

it('a removed hostname answers no more, is not revived by a check, and needs a new proof', async () => {
  const hostname = newHostname();
  const { id, check } = await activate(admin, hostname);
  const removal = got(await beginDomainRemoval(worker, admin, id, uuidv7()));
  expect(removal.status).toBe('active');
  expect(await tenantAt(hostname)).toBeNull();
  expect((await save(check))?.status).toBe('deleting');
  expect(await saveProof(worker, check)).toEqual(refused('lost'));
  expect(await saveCustomHostnameId(worker, check, 'late')).toBe(true);
  expect((await listDomainsToCheck(worker, 1_000)).map((one) => one.id)).toContain(id);

  const again = got(await claim(admin, hostname));
  expect(again.verification_token).not.toBe(removal.verification_token);
  expect(await tenantAt(hostname)).toBeNull();
  await forgetDomain(worker, await begin(admin, id));
  expect(await readDomain(worker, admin, id)).toEqual(refused('not_found'));
  const { rows } = await owner.query(
    'select action, actor_role from audit_log where target_id = $1 order by id',
    [id],
  );
  expect(rows).toEqual([
    { action: 'domain.added', actor_role: 'admin' },
    { action: 'domain.removed', actor_role: 'admin' },
  ]);
});

it('a domain that is not being removed is not forgotten', async () => {
  const { id, check } = await activate(admin, newHostname());
  await forgetDomain(worker, check);
  expect(got(await readDomain(worker, admin, id)).status).toBe('active');
});

it('a tenant has a limited number of domains, also when many are added at once', async () => {
  const { length: before } = got(await listDomains(worker, rival));
  const added = await Promise.all(Array.from({ length: DOMAINS_MAX + 3 }, () => claim(rival, newHostname())));
  expect(added.filter(({ ok }) => ok)).toHaveLength(DOMAINS_MAX - before);
  expect(added.find(({ ok }) => !ok)).toEqual(refused('too_many_domains'));
});

it('a tenant that is erased leaves its custom hostnames to be removed at Cloudflare, and answers at none', async () => {
  const { rows } = await owner.query<{ hostname: string }>(
    `select hostname from tenant_domains where tenant_id = $1 and custom_hostname_id is not null and status = 'active'`,
    [foreign.tenant_id],
  );
  const [served] = rows;
  expect(await tenantAt(String(served?.hostname))).toBe(foreign.tenant_id);
  await owner.query(`update tenants set status = 'deleting', deletion_due_at = now() where id = $1`, [
    foreign.tenant_id,
  ]);
  while (!(await erasePart(worker, foreign.tenant_id, 1_000)));
  expect(await tenantAt(String(served?.hostname))).toBeNull();
  const left = await owner.query<{ id: string; hostname: string; status: string }>(
    'select id, hostname, status, findings, created_by from tenant_domains where tenant_id = $1',
    [foreign.tenant_id],
  );
  expect(left.rows).toContainEqual({
    ...{ id: expect.any(String), hostname: served?.hostname, status: 'deleting' },
    ...{ findings: null, created_by: null },
  });
  expect((await activate(admin, String(served?.hostname))).id).not.toBeNull();
});
