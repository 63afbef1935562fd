import { setTimeout as sleep } from 'node:timers/promises';
import type { WalletView } from '../../contracts/api/wallet.ts';
import { asOwner, type Client, ledgerOf, signIn } from '../support/demo.ts';
import type { TestStack } from '../support/stack.ts';
import { type Call, type Evidence, type Violation, violationsOf } from './history.ts';
import { ACME, type Caller } from './load.ts';
import { tenantViolations } from './tenant-verdict.ts';

/** Longest time until wallet and Postgres agree after everything is healed. */
export const AGREEMENT_MAX_MS = 60_000;
/** Shortest lifetime that a policy allows, so that reservations left by a fault expire within the test. */
const RESERVATION_LIFETIME_MS = 10_000;
/** Time that a provider has to begin its answer. */
const SILENCE_MAX_MS = 30_000;
/** High enough that no call is refused for its balance. */
const ALLOCATION_TOKENS = 1_000_000_000;

/** Sets the policy of all wallets that are opened from now on. */
export async function prepare(stack: TestStack): Promise<void> {
  await asOwner(
    stack.ownerUrl,
    'update level_token_policies set reservation_lifetime_ms = $1, allocation_tokens = $2',
    [RESERVATION_LIFETIME_MS, ALLOCATION_TOKENS],
  );
  await asOwner(stack.ownerUrl, 'update ai_providers set settings = $1', [
    JSON.stringify({ first_byte_timeout_ms: SILENCE_MAX_MS }),
  ]);
}

const numbers = <Name extends string>(row: Record<Name, unknown>): Record<Name, number> =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)])) as Record<
    Name,
    number
  >;

async function readWallet(client: Client): Promise<WalletView> {
  const { status, body } = await client.get('/api/wallet');
  if (status !== 200) throw new Error(`The wallet cannot be read: ${JSON.stringify(body)}`);
  return body;
}

async function reconcile(admin: Client, { userId }: Client): Promise<Evidence['reconciled']> {
  const { status, body } = await admin.post(`/api/users/${userId}/wallet/reconciliation`, { full: true });
  if (status !== 200) throw new Error(`The wallet cannot be checked: ${JSON.stringify(body)}`);
  return body.reconciliation;
}

async function gather(stack: TestStack, admin: Client, client: Client): Promise<Evidence> {
  const { tenantId, userId } = client;
  const own = 'where tenant_id = $1 and user_id = $2';
  const [projected] = await asOwner<NonNullable<Evidence['projected']>>(
    stack.ownerUrl,
    `select seq, monthly, lifetime, reserved, overage from user_token_wallets ${own}`,
    [tenantId, userId],
  );
  const executions = await asOwner<Evidence['executions'][number]>(
    stack.ownerUrl,
    `select id, status, tokens_charged from ai_executions ${own}`,
    [tenantId, userId],
  );
  return {
    identity: { tenantId, userId },
    reservation_lifetime_ms: RESERVATION_LIFETIME_MS,
    ledger: await ledgerOf(stack.ownerUrl, client),
    wallet: await readWallet(client),
    projected: projected === undefined ? null : numbers(projected),
    executions: executions.map((row) => ({ ...row, tokens_charged: Number(row.tokens_charged) })),
    reconciled: await reconcile(admin, client),
  };
}

/** Returns true if nothing is held and every entry of the wallet has reached Postgres. */
async function isAtRest(stack: TestStack, client: Client): Promise<boolean> {
  const wallet = await readWallet(client);
  if (wallet.in_flight > 0) return false;
  const [arrived] = await asOwner<{ entries: string; seq: string | null }>(
    stack.ownerUrl,
    `select (select count(*) from user_token_ledger where tenant_id = $1 and user_id = $2) as entries,
       (select seq from user_token_wallets where tenant_id = $1 and user_id = $2) as seq`,
    [client.tenantId, client.userId],
  );
  return Number(arrived?.entries) === wallet.seq && Number(arrived?.seq) === wallet.seq;
}

/** Waits until wallet and Postgres agree, or until the deadline. */
async function waitForRest(stack: TestStack, client: Client, deadlineMs: number): Promise<void> {
  while (!(await isAtRest(stack, client)) && Date.now() < deadlineMs) await sleep(250);
}

export type Verdict = {
  calls: Record<Call['outcome'], number>;
  /** Number of calls per refusal, and per reason of an unknown outcome. */
  refusals: Record<string, number>;
  /** Charged calls whose outcome is unknown to the client, each charged once. */
  charged_unknown: number;
  /** Time from the end of the faults until wallet and Postgres agreed. */
  agreement_ms: number;
  violations: Violation[];
};

const countBy = (names: string[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]));

const debitsIn = ({ ledger }: Evidence) => ledger.filter(({ kind }) => kind === 'debit').length;

/** Compares the answers of all callers with wallets, Postgres and the tenant's budget, after the last call. `healedAtMs`: the end of the faults. */
export async function judge(stack: TestStack, callers: Caller[], healedAtMs: number): Promise<Verdict> {
  const deadlineMs = healedAtMs + AGREEMENT_MAX_MS;
  await Promise.all(callers.map(({ client }) => waitForRest(stack, client, deadlineMs)));
  const agreement_ms = Date.now() - healedAtMs;
  const admin = await signIn(stack.port, ACME, 'admin@acme.test');
  const evidences = await Promise.all(callers.map(({ client }) => gather(stack, admin, client)));
  const all = callers.flatMap(({ calls }) => calls);
  const count = (outcome: Call['outcome']) => all.filter((call) => call.outcome === outcome).length;
  const refusals = all.flatMap((call) =>
    call.outcome === 'fail' ? [`${call.status} ${call.code}`] : call.outcome === 'unknown' ? [call.why] : [],
  );
  return {
    calls: { ok: count('ok'), fail: count('fail'), unknown: count('unknown') },
    refusals: countBy(refusals),
    charged_unknown: evidences.reduce((sum, evidence) => sum + debitsIn(evidence), 0) - count('ok'),
    agreement_ms,
    violations: [
      ...evidences.flatMap((evidence, index) => violationsOf(callers[index]?.calls ?? [], evidence)),
      ...(await tenantViolations(stack, admin.tenantId)),
    ],
  };
}

/** Returns a verdict on one line, for the log. */
export function summaryOf({ calls, refusals, charged_unknown, agreement_ms, violations }: Verdict): string {
  const numberOf = (kind: Violation['kind']) => violations.filter((one) => one.kind === kind).length;
  return [
    `${calls.ok} acknowledged, ${calls.unknown} cut off (${charged_unknown} of them charged), ${calls.fail} refused`,
    `${numberOf('lost')} lost, ${numberOf('doubled')} doubled, ${violations.length} violations in all`,
    `agreement after ${agreement_ms} ms, ${JSON.stringify(refusals)}`,
  ].join('; ');
}
