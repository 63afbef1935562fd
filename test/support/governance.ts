import { randomUUID } from 'node:crypto';
import { asOwner, type Client, registerSomebody } from './demo.ts';

/** Helpers for tests of levels and policies. Each test makes its own levels and users, so that it affects no other test. */

type Stack = { port: number; ownerUrl: string };

export const ACME = 'acme.localhost';
export const GLOBEX = 'globex.localhost';

/** The first policy of levels made here. */
export const policy = {
  mode: 'lifetime',
  allocation_tokens: 50_000,
  rollover_cap_tokens: 0,
  enforcement: 'hard',
  warning_thresholds_percent: [80, 95],
  reservation_lifetime_ms: 120_000,
  in_flight_max: 1_000,
};
/** An override whose every field is inherited. */
export const inherit = Object.fromEntries(Object.keys(policy).map((field) => [field, null]));
/** An id that does not exist. */
export const UNKNOWN = '01900000-0000-7000-8000-ffffffffffff';

/** Creates a level without users in the tenant. Returns its id. */
export async function makeLevel(stack: Stack, tenantId: string): Promise<string> {
  const id = randomUUID();
  await asOwner(
    stack.ownerUrl,
    `insert into levels (tenant_id, id, slug, name) values ($1, $2, $3, 'A level')`,
    [tenantId, id, `level-${id}`],
  );
  await asOwner(
    stack.ownerUrl,
    `insert into level_token_policies (tenant_id, level_id, mode, allocation_tokens, rollover_cap_tokens, enforcement,
       warning_thresholds_percent, reservation_lifetime_ms, in_flight_max)
     values ($1, $2, 'lifetime', 50000, 0, 'hard', '{80,95}', 120000, 1000)`,
    [tenantId, id],
  );
  return id;
}

export const policyOfLevel = (id: string) => `/api/levels/${id}/token-policy`;
export const userPath = ({ userId }: Client) => `/api/users/${userId}`;

/** Runs a small prompt. */
export const run = (client: Client) =>
  client.post('/api/ai/executions', { model: 'gpt-5.4-mini', prompt: 'Hello', max_output_tokens: 50 });

/** Registers a user of Acme on a level of their own and runs a prompt, so that every cache has the user. */
export async function putSomebodyToWork(
  stack: Stack,
  admin: Client,
): Promise<{ user: Client & { email: string }; level: string }> {
  const user = await registerSomebody(stack.port, ACME);
  const level = await makeLevel(stack, user.tenantId);
  const moved = await admin.patch(userPath(user), { level_id: level });
  const ran = await run(user);
  if (moved.status !== 200 || ran.status !== 201)
    throw new Error(`Nobody is at work: ${JSON.stringify([moved.body, ran.body])}`);
  return { user, level };
}
