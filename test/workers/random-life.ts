import { env } from 'cloudflare:workers';
import type { ExecutionOutcome, WalletIdentity } from '../../contracts/wallet/journal.ts';
import type { WalletPolicy } from '../../contracts/wallet/wallet-policy.ts';
import type { Random } from '../support/random.ts';

const firstPolicy: WalletPolicy = {
  version: 1,
  mode: 'monthly',
  allocation_tokens: 5_000,
  rollover_cap_tokens: 500,
  enforcement: 'warn',
  warning_thresholds_percent: [80, 95],
  reservation_lifetime_ms: 60_000,
  in_flight_max: 20,
};

const outcomeOf = (id: string, status: ExecutionOutcome['status']): ExecutionOutcome => ({
  id,
  status,
  provider_name: status === 'succeeded' ? 'OpenAI' : null,
  provider_model: status === 'succeeded' ? 'gpt-5.4-mini' : null,
  finish_reason: status === 'succeeded' ? 'stop' : null,
  usage: null,
  usage_source: null,
  price_version: status === 'succeeded' ? 2 : null,
  cost_micro_usd: status === 'succeeded' ? 11 : 0,
  attempts: [],
  error_code: status === 'succeeded' ? null : 'provider_failed',
  finished_at_ms: Date.now(),
});

/** Random operations on a real wallet by its user and admins, at any time and concurrently. */
export class RandomLife {
  readonly wallet: WalletIdentity;
  readonly #random: Random;
  readonly #reserved: { id: string; amount: number }[] = [];
  #policy = firstPolicy;
  #standingVersion = 1;

  constructor(wallet: WalletIdentity, random: Random) {
    this.wallet = wallet;
    this.#random = random;
  }

  /** A new stub each time: an eviction breaks the old one. */
  get stub() {
    return env.WALLET.getByName(`${this.wallet.tenant_id}/${this.wallet.user_id}`);
  }

  read() {
    return this.stub.read({ wallet: this.wallet, policy: this.#policy, session_issued_at_s: null });
  }

  /** Sends some commands concurrently, which may share a commit. Refusals are expected. */
  async burst(): Promise<void> {
    const commands = Array.from({ length: this.#random.integer(1, 4) }, () => this.#command());
    await Promise.all(commands);
  }

  #command(): Promise<unknown> {
    const act = this.#random.pick([
      ...Array.from({ length: 5 }, () => () => this.#reserve()),
      ...Array.from({ length: 4 }, () => () => this.#settle()),
      () => this.#release(),
      () => this.#extend(),
      () => this.#changeStanding(),
      () => this.#correct(),
      () => this.#changePolicy(),
    ]);
    return act();
  }

  #reserve(): Promise<unknown> {
    const execution = { id: crypto.randomUUID(), amount: this.#random.integer(1, 900) };
    this.#reserved.push(execution);
    return this.stub.reserve({
      wallet: this.wallet,
      policy: this.#policy,
      amount: execution.amount,
      actor: { kind: 'user', id: this.wallet.user_id },
      session_issued_at_s: null,
      key: null,
      execution: {
        id: execution.id,
        model: 'auto',
        api_key_id: null,
        input_tokens_bound: 100,
        max_output_tokens: 100,
        price_version: 3,
        started_at_ms: Date.now(),
      },
    });
  }

  /** Settles or releases any earlier reservation, so that late, repeated and contradictory ends occur. */
  async #settle(): Promise<unknown> {
    if (this.#reserved.length === 0) return;
    const { id, amount } = this.#random.pick(this.#reserved.slice(-8));
    const cost = this.#random.integer(0, amount);
    return this.stub.settle({ wallet: this.wallet, amount: cost, outcome: outcomeOf(id, 'succeeded') });
  }

  async #release(): Promise<unknown> {
    if (this.#reserved.length === 0) return;
    const { id } = this.#random.pick(this.#reserved.slice(-8));
    return this.stub.release({ wallet: this.wallet, outcome: outcomeOf(id, 'failed') });
  }

  async #extend(): Promise<unknown> {
    if (this.#reserved.length === 0) return;
    const { id, amount } = this.#random.pick(this.#reserved.slice(-8));
    const change = this.#random.pick([
      {},
      { amount: amount + this.#random.integer(1, 500) },
      { amount: this.#random.integer(1, amount), lowers_from: amount },
    ]);
    return this.stub.extend({ wallet: this.wallet, execution_id: id, ...change });
  }

  /** Disables the user now and then, and soon enables them again. Updates may arrive late. */
  #changeStanding(): Promise<unknown> {
    const status = this.#random.chance(0.2) ? 'disabled' : 'active';
    this.#standingVersion += this.#random.pick([1, 1, 1, -1]);
    return this.stub.setStanding({ wallet: this.wallet, status, version: this.#standingVersion });
  }

  /** Makes an entry. The raise of a hold has none of its own, so the figures of the journal lag behind the wallet until the next one. */
  conclude(): Promise<unknown> {
    return this.stub.credit({ ...this.#correction(), amount: 1 });
  }

  #correction() {
    return {
      wallet: this.wallet,
      policy: this.#policy,
      operation_id: crypto.randomUUID(),
      actor: { kind: 'admin' as const, id: crypto.randomUUID() },
      reason: 'life goes “on” 🙂',
      reference: this.#random.chance(0.5) ? 'ticket 7' : null,
    };
  }

  #correct(): Promise<unknown> {
    const amount = this.#random.integer(1, 800);
    const correction = this.#correction();
    return this.#random.chance(0.5)
      ? this.stub.credit({ ...correction, amount })
      : this.stub.adjust({ ...correction, amount: -amount });
  }

  #changePolicy(): Promise<unknown> {
    this.#policy = {
      ...this.#policy,
      version: this.#policy.version + 1,
      mode: this.#random.pick(['monthly', 'monthly', 'lifetime']),
      allocation_tokens: this.#random.integer(1_000, 6_000),
      enforcement: this.#random.pick(['hard', 'warn', 'monitor']),
    };
    return this.#random.chance(0.5)
      ? this.stub.adoptPolicy({ wallet: this.wallet, policy: this.#policy })
      : this.read();
  }
}
