import { createHash } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import type { CreateInvitationRequest } from '../../contracts/api/account/invitations.ts';
import { runAsUser } from '../../worker/db/context.ts';
import {
  findInvitation,
  insertInvitation,
  listInvitations,
  saveAcceptance,
  saveInvitation,
  saveInvitationRevocation,
} from '../../worker/db/users/invitations.ts';
import { createUser } from '../../worker/db/users/users.ts';
import { insertRow } from '../support/test-database.ts';
import { roundTripsOf } from './database.ts';
import { claimsOf, got, nobody, refused, startGovernedWorld } from './governed-world.ts';
import { levelRow, somewhere, text } from './world.ts';

const world = await startGovernedWorld();
const { database, owner, worker, own, colleague, foreign, platform, admin, superadmin, platformAdmin } =
  world;
afterAll(() => database.stop());
beforeAll(async () => {
  for (const { tenant_id } of [own, foreign])
    await insertRow(owner, 'levels', { ...levelRow(tenant_id), slug: 'free', is_default: true });
});

const hashOf = (word: string) => createHash('sha256').update(word).digest('hex');
const email = () => `${text('guest')}@example.test`;

/** Invites as an admin of `own` unless told otherwise. The token's hash is that of the email. */
const invite = (
  request: Partial<CreateInvitationRequest> & { email: string },
  claims: SessionClaims = admin,
) =>
  saveInvitation(
    worker,
    claims,
    { role: 'user', ...request },
    { token_hash: hashOf(request.email), is_mailed: false, lifetime_days: 7 },
    `invite-${request.email}`,
  );

const accept = (token: string, tenantId = own.tenant_id) =>
  saveAcceptance(worker, {
    tenant_id: tenantId,
    token_hash: hashOf(token),
    user_id: uuidv7(),
    name: 'Grace',
    password_hash: 'hash',
    request_id: `accept-${token}`,
  });

const openIds = async (claims: SessionClaims = admin) =>
  got(await listInvitations(worker, claims, { limit: 100 })).items.map(({ id }) => id);

it('an admin invites somebody, in one round trip, and the invitation is listed and audited without its hash', async () => {
  const guest = email();
  let created: Awaited<ReturnType<typeof invite>> | undefined;
  const trips = await roundTripsOf(database, async () => {
    created = await invite({ email: guest, role: 'admin', level_id: colleague.level_id });
  });
  expect(trips).toBe(1);
  if (created === undefined) throw new Error('nothing came back');
  const invitation = got(created);
  expect(invitation).toMatchObject({
    tenant_id: own.tenant_id,
    email: guest,
    role: 'admin',
    level: { id: colleague.level_id },
    invited_by: { id: admin.userId },
  });
  const days = (Date.parse(invitation.expires_at) - Date.parse(invitation.created_at)) / 86_400_000;
  expect(days).toBe(7);
  expect(await openIds()).toContain(invitation.id);
  expect(await world.auditOf(`invite-${guest}`)).toEqual([
    {
      actor_user_id: admin.userId,
      actor_role: 'admin',
      action: 'invitation.created',
      target_type: 'invitation',
      target_id: invitation.id,
      details: {
        tenant_id: own.tenant_id,
        before: null,
        after: { email: guest, role: 'admin', level_id: colleague.level_id },
      },
    },
  ]);
});

it('a link makes the account it describes, once, and the new account is who acted', async () => {
  const guest = email();
  const { id } = got(await invite({ email: guest, role: 'admin', level_id: colleague.level_id }));
  expect(await findInvitation(worker, own.tenant_id, hashOf(guest))).toMatchObject({
    email: guest,
    role: 'admin',
  });
  const user = got(await accept(guest));
  expect(user).toMatchObject({
    tenant_id: own.tenant_id,
    email: guest,
    name: 'Grace',
    role: 'admin',
    status: 'active',
    level: { id: colleague.level_id },
  });
  expect(await accept(guest)).toEqual(refused('invitation_invalid'));
  expect(await openIds()).not.toContain(id);
  expect(await findInvitation(worker, own.tenant_id, hashOf(guest))).toBeNull();
  expect(await world.auditOf(`accept-${guest}`)).toEqual([
    expect.objectContaining({
      actor_user_id: user.id,
      actor_role: 'service',
      action: 'invitation.accepted',
      target_id: id,
    }),
  ]);
});

it('an invitation without a level makes an account on the default level', async () => {
  const guest = email();
  got(await invite({ email: guest }));
  expect(got(await accept(guest))).toMatchObject({ role: 'user', level: { slug: 'free' } });
});

it('of ten requests with the same token at the same moment, one makes an account', async () => {
  const guest = email();
  got(await invite({ email: guest }));
  const answers = await Promise.all(Array.from({ length: 10 }, () => accept(guest)));
  expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  const { rows } = await owner.query('select count(*)::int as count from users where email = $1', [guest]);
  expect(rows).toEqual([{ count: 1 }]);
  expect(await world.auditOf(`accept-${guest}`)).toHaveLength(1);
});

it('a token is worth nothing in another tenant, after its end, and after it was revoked', async () => {
  const [abroad, late, revoked] = [email(), email(), email()];
  got(await invite({ email: abroad }));
  expect(await accept(abroad, foreign.tenant_id)).toEqual(refused('invitation_invalid'));
  expect(await findInvitation(worker, foreign.tenant_id, hashOf(abroad))).toBeNull();

  const { id } = got(await invite({ email: late }));
  await owner.query('update invitations set expires_at = now() where id = $1', [id]);
  expect(await accept(late)).toEqual(refused('invitation_invalid'));
  expect(await openIds()).not.toContain(id);

  const ended = got(await invite({ email: revoked }));
  for (const requestId of ['revoke-1', 'revoke-2'])
    expect(await saveInvitationRevocation(worker, admin, ended.id, requestId)).toEqual({
      ok: true,
      value: null,
    });
  expect(await accept(revoked)).toEqual(refused('invitation_invalid'));
  expect(await world.auditOf('revoke-1')).toEqual([
    expect.objectContaining({ action: 'invitation.revoked', target_id: ended.id }),
  ]);
  expect(await world.auditOf('revoke-2')).toEqual([]);
});

it('inviting again ends the earlier link', async () => {
  const guest = email();
  const first = got(await invite({ email: guest }));
  const again = await saveInvitation(
    worker,
    admin,
    { email: guest, role: 'admin' },
    { token_hash: hashOf('again'), is_mailed: false, lifetime_days: 7 },
    'again',
  );
  expect(await openIds()).toContain(got(again).id);
  expect(await openIds()).not.toContain(first.id);
  expect(await accept(guest)).toEqual(refused('invitation_invalid'));
  expect(got(await accept('again'))).toMatchObject({ email: guest, role: 'admin' });
});

it('an email that has an account is refused, also when the account came after the invitation', async () => {
  const guest = email();
  const { id } = got(await invite({ email: guest }));
  const account = { id: uuidv7(), tenant_id: own.tenant_id, email: guest, name: null, password_hash: 'hash' };
  got(await createUser(worker, { ...account, client: somewhere, request_id: 'registered' }));
  expect(await accept(guest)).toEqual(refused('email_taken'));
  expect(await invite({ email: guest })).toEqual(refused('email_taken'));
  // The refusals took nothing away.
  expect(await openIds()).toContain(id);
});

it('an unknown level and one of another tenant are refused alike', async () => {
  for (const level_id of [nobody, foreign.level_id])
    expect(await invite({ email: email(), level_id })).toEqual(refused('unknown_level'));
});

it('nobody invites to a role above their own: users nobody, admins no superadmins', async () => {
  expect(await invite({ email: email() }, claimsOf(own))).toEqual(refused('forbidden'));
  expect(await invite({ email: email(), role: 'superadmin' })).toEqual(refused('role_above_own'));
  expect(await invite({ email: email(), role: 'superadmin' }, platformAdmin)).toEqual(
    refused('role_above_own'),
  );
  const guest = email();
  const invitation = got(await invite({ email: guest, role: 'superadmin' }, superadmin));
  expect(await saveInvitationRevocation(worker, platformAdmin, invitation.id, 'revoke-3')).toEqual(
    refused('not_found'),
  );
  expect(got(await accept(guest, platform.tenant_id))).toMatchObject({ role: 'superadmin' });
});

it('a superadmin invites the first admin of a tenant by a statement of another batch; its admins see no inviter', async () => {
  const guest = email();
  const id = uuidv7();
  const invitation = { tenant_id: own.tenant_id, id, email: guest, role: 'admin', level_id: null } as const;
  const stored = { ...invitation, token_hash: hashOf(guest), is_mailed: false, lifetime_days: 7 };
  got(await runAsUser(worker, superadmin, [insertInvitation(worker, stored)]));
  const { items } = got(await listInvitations(worker, admin, { limit: 100 }));
  expect(items.find((item) => item.id === id)).toMatchObject({ email: guest, invited_by: null });
  expect(got(await accept(guest))).toMatchObject({ role: 'admin', tenant_id: own.tenant_id });
});

it.each([
  ['is disabled', `status = 'disabled'`],
  ['is a plain user again', `role = 'user'`],
])('an invitation ends when its inviter %s, so that nobody comes back through a link', async (_, change) => {
  const inviter = email();
  got(await invite({ email: inviter, role: 'admin' }));
  const { id: user_id } = got(await accept(inviter));
  const guest = email();
  const invitation = got(await invite({ email: guest, role: 'admin' }, claimsOf({ ...own, user_id })));
  await owner.query(`update users set ${change} where id = $1`, [user_id]);
  expect(await accept(guest)).toEqual(refused('invitation_invalid'));
  expect(await openIds()).not.toContain(invitation.id);
});

it('plain users and foreign admins neither see nor revoke an invitation', async () => {
  const { id } = got(await invite({ email: email() }));
  expect(await listInvitations(worker, claimsOf(own), { limit: 10 })).toEqual(refused('forbidden'));
  expect(await saveInvitationRevocation(worker, claimsOf(own), id, 'revoke-4')).toEqual(refused('forbidden'));
  await owner.query(`update users set role = 'admin' where id = $1`, [foreign.user_id]);
  const foreignAdmin = claimsOf(foreign);
  expect(await openIds(foreignAdmin)).toEqual([]);
  for (const unknown of [id, nobody])
    expect(await saveInvitationRevocation(worker, foreignAdmin, unknown, 'revoke-5')).toEqual(
      refused('not_found'),
    );
  expect(await openIds()).toContain(id);
});

it('a list of invitations has pages', async () => {
  for (let count = 0; count < 3; count++) got(await invite({ email: email() }));
  const first = got(await listInvitations(worker, admin, { limit: 2 }));
  expect(first.items).toHaveLength(2);
  if (first.next_cursor === null) throw new Error('there is a second page');
  const second = got(await listInvitations(worker, admin, { limit: 100, cursor: first.next_cursor }));
  expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(await openIds());
  expect(await listInvitations(worker, admin, { limit: 2, cursor: 'x' })).toEqual(refused('invalid_cursor'));
});
