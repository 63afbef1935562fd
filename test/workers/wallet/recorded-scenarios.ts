import { runDurableObjectAlarm } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { vi } from 'vitest';
import type { WalletIdentity } from '../../../contracts/wallet/journal.ts';
import type { KeyLimits } from '../../../contracts/wallet/key-limits.ts';
import type { WalletPolicy } from '../../../contracts/wallet/wallet-policy.ts';
import type { ReserveCommand } from '../../../durable-objects/wallet/commands.ts';
import type { Wallet } from '../../../durable-objects/wallet/wallet.ts';
import { changeState } from './stored-wallet.ts';
import { objectName, outcomeOf, policy, reserveCommandOf } from './wallet-commands.ts';

/**
 * Four deterministic scenarios, one wallet each: ids are numbered and the clock is set. Together they write every kind of
 * entry and every kind of row. The storage they leave is recorded in test/workers/fixtures.
 */

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const MONTH_END_MS = Date.UTC(2040, 11, 1);
/** Two hours before the end of a month. In the future, so that an alarm runs only when a test runs it. */
const BEGINNING_MS = MONTH_END_MS - 120 * MINUTE_MS;

/** A readable UUID: `idOf('e', 7)` is the seventh execution's. */
const idOf = (kind: 'a' | 'b' | 'c' | 'd' | 'e', number: number): string =>
  `${kind.repeat(8)}-0000-4000-8000-${String(number).padStart(12, '0')}`;

export const executionIdOf = (number: number) => idOf('e', number);
export const apiKeyIdOf = (number: number) => idOf('a', number);
const admin = { kind: 'admin' as const, id: idOf('b', 1) };

const identityOf = (number: number): WalletIdentity => ({
  tenant_id: idOf('c', 1),
  user_id: idOf('d', number),
});

export const keyLimitsOf = (id: string, changes: Partial<KeyLimits> = {}): KeyLimits => ({
  id,
  version: 1,
  requests_per_minute: 10,
  tokens_per_minute: 5_000,
  monthly_budget_tokens: 600,
  ...changes,
});

/** A wallet, its caller's policy, and the answers it gave. */
export class DrivenWallet {
  readonly wallet: WalletIdentity;
  readonly stub: DurableObjectStub<Wallet>;
  /** Sent with every command. */
  policy: WalletPolicy;
  /** In order: `ok`, or the code of a refusal. */
  readonly answers: string[] = [];

  constructor(wallet: WalletIdentity, policy: WalletPolicy) {
    this.wallet = wallet;
    this.stub = env.WALLET.getByName(objectName(wallet));
    this.policy = policy;
  }

  async #note(answering: PromiseLike<{ ok: true } | { ok: false; code: string }>): Promise<void> {
    const answer = await answering;
    this.answers.push(answer.ok ? 'ok' : answer.code);
  }

  open(): Promise<void> {
    const { wallet, policy } = this;
    return this.#note(this.stub.read({ wallet, policy, session_issued_at_s: null }));
  }

  reserve(amount: number, number: number, changes: Partial<ReserveCommand> = {}) {
    const command = reserveCommandOf(this.wallet, amount, executionIdOf(number), this.policy);
    const { key = null } = changes;
    return this.#note(
      this.stub.reserve({
        ...command,
        ...(key === null ? {} : { session_issued_at_s: null }),
        ...changes,
        execution: { ...command.execution, api_key_id: key?.id ?? null, started_at_ms: Date.now() },
      }),
    );
  }

  settle(amount: number, number: number, answer?: string) {
    const outcome = {
      ...outcomeOf(executionIdOf(number)),
      usage: {
        input_tokens: 7,
        cache_read_tokens: 2,
        cache_write_tokens: 0,
        output_tokens: 5,
        reasoning_tokens: 1,
      },
      usage_source: 'reported' as const,
      cost_micro_usd: amount * 3,
      attempts: [
        {
          provider_kind: 'openai' as const,
          provider_name: 'OpenAI',
          provider_model: 'gpt-5.4-mini',
          started_at_ms: Date.now(),
          latency_ms: 12,
          failure: null,
        },
      ],
      finished_at_ms: Date.now(),
    };
    const command = { wallet: this.wallet, amount, outcome };
    return this.#note(this.stub.settle(answer === undefined ? command : { ...command, answer }));
  }

  release(number: number) {
    const outcome = { ...outcomeOf(executionIdOf(number), 'failed'), error_code: 'provider_unavailable' };
    return this.#note(this.stub.release({ wallet: this.wallet, outcome }));
  }

  correct(kind: 'credit' | 'adjust', operation_id: string, amount: number) {
    const { wallet, policy } = this;
    const order = {
      wallet,
      policy,
      operation_id,
      actor: admin,
      reason: 'Ordered by “hand”',
      reference: null,
    };
    return this.#note(this.stub[kind]({ ...order, amount }));
  }

  async audit() {
    const answer = await this.stub.audit({ wallet: this.wallet });
    if (!answer.ok || answer.audit === null) throw new Error('The wallet is open');
    return answer.audit;
  }

  async runAlarm(): Promise<void> {
    await runDurableObjectAlarm(this.stub);
  }
}

const advance = (ms: number) => vi.setSystemTime(Date.now() + ms);

/** Takes 20 tokens out of the wallet's state without an entry, then compensates for the difference. */
async function loseAndCompensate(driven: DrivenWallet): Promise<void> {
  const { seq, figures } = await driven.audit();
  const { lifetime, granted } = figures;
  await changeState(driven.stub, { lifetime: lifetime - 20, granted: granted - 20 });
  const { wallet, policy } = driven;
  await driven.stub.compensate({
    ...{
      wallet,
      policy,
      operation_id: 'repair/1',
      reason: 'The wallet lost 20 tokens',
      reference: 'ticket/1',
    },
    actor: { kind: 'superadmin', id: idOf('b', 2) },
    ledger: { seq, figures },
  });
}

/**
 * A wallet in monthly mode under hard enforcement, across the end of a month. Leaves three holds: 9, with an API key and an
 * Idempotency-Key, for an hour; 10, extended once; 11, for a minute.
 */
async function monthly(): Promise<DrivenWallet> {
  const driven = new DrivenWallet(identityOf(1), {
    ...policy,
    mode: 'monthly',
    rollover_cap_tokens: 200,
    warning_thresholds_percent: [50, 80],
  });
  const { wallet, stub } = driven;
  await driven.open();
  await driven.correct('credit', 'invoice/1', 500);
  await driven.correct('adjust', 'correction/1', -50);
  await driven.reserve(300, 1, { idempotency: { key: 'kept', fingerprint: 'request 1' } });
  await driven.settle(250, 1, '{"text":"42"}');
  await driven.reserve(300, 2, { idempotency: { key: 'freed', fingerprint: 'request 2' } });
  await driven.release(2);
  const key = keyLimitsOf(apiKeyIdOf(1));
  await driven.reserve(400, 3, { key });
  await driven.settle(350, 3);
  await driven.reserve(300, 4, { key });
  await driven.reserve(50_000, 5);
  await driven.reserve(100, 6);
  advance(2 * MINUTE_MS);
  await driven.runAlarm();
  await driven.reserve(30, 7, { idempotency: { key: 'forgotten', fingerprint: 'request 7' } });
  await driven.settle(30, 7, '{"text":"secret"}');
  await stub.forgetAnswer({ wallet, execution_id: executionIdOf(7) });
  await stub.revokeSessions({ wallet, issued_before_s: 900 });
  await driven.reserve(1, 12, { session_issued_at_s: 900 });
  await stub.revokeKey({ wallet, api_key_id: apiKeyIdOf(2) });
  await stub.setKeyLimits({
    wallet,
    limits: keyLimitsOf(apiKeyIdOf(3), { version: 9, requests_per_minute: 1 }),
  });
  await driven.reserve(1, 13, { key: keyLimitsOf(apiKeyIdOf(2)) });
  await loseAndCompensate(driven);
  await stub.confirm({ wallet, first_seq: 1, last_seq: 9 });
  vi.setSystemTime(MONTH_END_MS - MINUTE_MS);
  await driven.reserve(100, 8, { lifetime_ms: 60 * MINUTE_MS });
  advance(2 * MINUTE_MS);
  await driven.runAlarm();
  await driven.settle(40, 8);
  await stub.confirm({ wallet, first_seq: 11, last_seq: 12 });
  await driven.reserve(200, 9, {
    key,
    lifetime_ms: 60 * MINUTE_MS,
    idempotency: { key: 'running', fingerprint: 'request 9' },
  });
  await driven.reserve(60, 10);
  advance(MINUTE_MS / 2);
  await stub.extend({ wallet, execution_id: executionIdOf(10) });
  await driven.reserve(70, 11);
  return driven;
}

/**
 * A wallet that changes from monitor to warn enforcement and from monthly to lifetime mode, is charged beyond its balance,
 * and whose user is disabled. Leaves one hold, 24.
 */
async function overdrawn(): Promise<DrivenWallet> {
  const driven = new DrivenWallet(identityOf(2), {
    ...policy,
    mode: 'monthly',
    enforcement: 'monitor',
    allocation_tokens: 300,
  });
  const { wallet, stub } = driven;
  await driven.reserve(400, 21);
  await driven.settle(400, 21);
  driven.policy = {
    ...driven.policy,
    ...{ version: 2, mode: 'lifetime', enforcement: 'warn', warning_thresholds_percent: [50, 100] },
  };
  driven.policy.allocation_tokens = 1_000;
  await stub.adoptPolicy({ wallet, policy: driven.policy });
  await driven.reserve(600, 22);
  await driven.settle(600, 22);
  await driven.reserve(2_000, 23);
  await driven.settle(1_500, 23);
  driven.policy = { ...driven.policy, version: 3, allocation_tokens: 1_500 };
  await driven.reserve(120, 24, { lifetime_ms: 60 * MINUTE_MS });
  advance(MINUTE_MS);
  await driven.runAlarm();
  await stub.setStanding({ wallet, status: 'disabled', version: 5 });
  await driven.reserve(1, 25);
  return driven;
}

/** A wallet without entries: it has only been sent a policy and a sign-out. */
async function unused(): Promise<DrivenWallet> {
  const driven = new DrivenWallet(identityOf(3), { ...policy, version: 7, allocation_tokens: 70 });
  const { wallet, stub } = driven;
  await stub.adoptPolicy({ wallet, policy: driven.policy });
  await stub.revokeSessions({ wallet, issued_before_s: 1_200 });
  return driven;
}

/** A wallet whose first entries, and the reservation they ended, were confirmed more than a week ago and pruned. */
async function pruned(): Promise<DrivenWallet> {
  const driven = new DrivenWallet(identityOf(4), { ...policy });
  const { wallet, stub } = driven;
  await driven.reserve(300, 31);
  await driven.settle(100, 31);
  await stub.confirm({ wallet, first_seq: 1, last_seq: 3 });
  await driven.reserve(50, 32, { lifetime_ms: 60 * MINUTE_MS });
  advance(8 * DAY_MS);
  await driven.runAlarm();
  return driven;
}

/** The scenarios in order, each two days after the one before. `run` sets the clock, which the caller has faked. */
export const scenarios = Object.entries({ monthly, overdrawn, unused, pruned }).map(
  ([name, scenario], index) => ({
    name,
    run: () => {
      vi.setSystemTime(BEGINNING_MS + 2 * index * DAY_MS);
      return scenario();
    },
  }),
);
