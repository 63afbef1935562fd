import { DurableObject } from 'cloudflare:workers';
import type { Wallet as WalletView } from '../../contracts/api/wallet.ts';
import type { WalletIdentity } from '../../contracts/journal.ts';
import type { WalletPolicy } from '../../contracts/wallet-policy.ts';
import { SUBSCRIPTION_HEADER, walletSubscription } from '../../contracts/wallet-subscription.ts';
import { adoptPolicy } from './allocation.ts';
import * as commands from './commands.ts';
import { compensate } from './compensation.ts';
import { forgetAnswer } from './idempotency.ts';
import { WalletKeeper } from './keeper.ts';
import { adoptLimits, newKey, revoke, unlimited } from './key-limits.ts';
import { LiveBalance } from './live-balance.ts';
import { correct, type Ending, end, extend, fingerprintOf, reserve } from './rules.ts';
import { type Change, figuresOf, shortfallOf, type WalletState } from './state.ts';
import { doWhatIsDue } from './upkeep.ts';
import { viewOf } from './view.ts';

/** Allows nothing, and gives way to any real policy. */
const CLOSED_POLICY: WalletPolicy = {
  version: 0,
  mode: 'lifetime',
  allocation_tokens: 0,
  rollover_cap_tokens: 0,
  enforcement: 'hard',
  warning_thresholds_percent: [],
  reservation_lifetime_ms: 60_000,
  in_flight_max: 1,
};

/** Why a session may not look at the wallet, or null when it may. */
function refuseSession(
  { standing, sessions_revoked_until_s }: WalletState,
  issuedAtS: number,
): 'user_disabled' | 'session_revoked' | null {
  if (standing.status === 'disabled') return 'user_disabled';
  return issuedAtS <= sessions_revoked_until_s ? 'session_revoked' : null;
}

/**
 * One user's wallet: the shell around the rules. Each command parses, lets the rules decide, writes what they decided in one
 * transaction, and answers.
 */
export class Wallet extends DurableObject<Env> implements commands.WalletRpc {
  readonly #keeper: WalletKeeper;
  readonly #live: LiveBalance;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#live = new LiveBalance(ctx);
    this.#keeper = new WalletKeeper(ctx, (state) => this.#live.push(viewOf(state), Date.now()));
    ctx.blockConcurrencyWhile(() => this.#keeper.load());
  }

  async reserve(raw: commands.ReserveCommand): Promise<commands.ReserveAnswer> {
    return this.#keeper.run(commands.reserveCommand, raw, (command): commands.ReserveAnswer => {
      const facts = this.#keeper.factsFor(command);
      const nowMs = this.#keeper.now();
      const decision = reserve(this.#keeper.stateFor(command, nowMs), facts, command, nowMs);
      this.#keeper.commit(decision, nowMs);
      if (decision.refusal !== undefined) return decision.refusal;
      const { reservation } = decision;
      if (reservation === undefined) throw new Error('A reserve without refusal has a reservation');
      return {
        ok: true,
        reserved: reservation.amount,
        shortfall: shortfallOf(reservation),
        expires_at_ms: reservation.expires_at_ms,
        view: viewOf(decision.state),
      };
    });
  }

  async settle(raw: commands.SettleCommand): Promise<commands.EndAnswer> {
    return this.#keeper.run(commands.settleCommand, raw, ({ amount, outcome, answer }) =>
      this.#end({ kind: 'debit', amount, outcome, answer }),
    );
  }

  async release(raw: commands.ReleaseCommand): Promise<commands.EndAnswer> {
    return this.#keeper.run(commands.releaseCommand, raw, ({ outcome }) =>
      this.#end({ kind: 'release', amount: 0, outcome }),
    );
  }

  async extend(raw: commands.ExtendCommand): Promise<commands.ExtendAnswer> {
    return this.#keeper.run(commands.extendCommand, raw, ({ execution_id }): commands.ExtendAnswer => {
      const state = this.#keeper.state;
      if (state === undefined) return { ok: false, code: 'reservation_not_found' };
      const nowMs = this.#keeper.now();
      const decision = extend(state, this.#keeper.factsOf(execution_id), nowMs);
      this.#keeper.commit(decision, nowMs);
      if (decision.refusal !== undefined) return decision.refusal;
      const { reservation } = decision;
      if (reservation === undefined) throw new Error('An extension without refusal has a reservation');
      return { ok: true, expires_at_ms: reservation.expires_at_ms };
    });
  }

  async credit(raw: commands.CreditCommand): Promise<commands.CorrectionAnswer> {
    return this.#keeper.run(commands.creditCommand, raw, (command) => {
      const { amount, reason, reference, actor } = command;
      return this.#once(command, { kind: 'credit', amount, reason, reference, actor }, (state, nowMs) =>
        correct(state, 'credit', command, nowMs),
      );
    });
  }

  async adjust(raw: commands.AdjustCommand): Promise<commands.CorrectionAnswer> {
    return this.#keeper.run(commands.adjustCommand, raw, (command) => {
      const { amount, reason, reference, actor } = command;
      return this.#once(command, { kind: 'adjustment', amount, reason, reference, actor }, (state, nowMs) =>
        correct(state, 'adjustment', command, nowMs),
      );
    });
  }

  async compensate(raw: commands.CompensateCommand): Promise<commands.CompensateAnswer> {
    return this.#keeper.run(commands.compensateCommand, raw, (command) => {
      const { reason, reference, actor } = command;
      const answer = this.#once(command, { kind: 'compensation', reason, reference, actor }, (state, nowMs) =>
        compensate(state, this.#keeper.store.held(), command, nowMs),
      );
      if (!answer.ok) return answer;
      const state = this.#keeper.stateFor(command, this.#keeper.now());
      const { seq, last_hash: hash } = state;
      const isNewest = seq === answer.seq && seq > command.ledger.seq;
      return { ...answer, bridged: isNewest ? { seq, hash, figures: figuresOf(state) } : null };
    });
  }

  async read(raw: commands.ReadCommand): Promise<commands.ReadAnswer> {
    return this.#keeper.run(commands.readCommand, raw, (command): commands.ReadAnswer => {
      const { session_issued_at_s } = command;
      const state = this.#keeper.upToDate(command);
      const refusal = session_issued_at_s === null ? null : refuseSession(state, session_issued_at_s);
      return refusal === null ? { ok: true, view: viewOf(state) } : { ok: false, code: refusal };
    });
  }

  /** The live balance: answers a WebSocket, and over it the wallet now and after every commit. */
  override async fetch(request: Request): Promise<Response> {
    const raw = request.headers.get(SUBSCRIPTION_HEADER);
    if (raw === null || request.headers.get('upgrade') !== 'websocket')
      return Response.json({ ok: false, code: 'invalid_command' }, { status: 400 });
    const answer = await this.#keeper.run(walletSubscription, JSON.parse(raw), (command) => {
      const state = this.#keeper.upToDate(command);
      const refusal = refuseSession(state, command.session.issued_at_s);
      return refusal === null ? this.#live.open(command.session, viewOf(state)) : this.#live.refuse(refusal);
    });
    return answer instanceof Response ? answer : Response.json(answer, { status: 400 });
  }

  override webSocketMessage(socket: WebSocket): void {
    // RFC 6455, section 7.4.1: data this end cannot accept.
    socket.close(1003, 'nothing_to_say');
  }

  async confirm(raw: commands.ConfirmCommand): Promise<commands.ToldAnswer> {
    return this.#keeper.run(commands.confirmCommand, raw, ({ first_seq, last_seq }): commands.ToldAnswer => {
      const { store } = this.#keeper;
      const nowMs = this.#keeper.now();
      // From here on their records can be read.
      this.#live.pushEnded(() => store.endedIn(first_seq, last_seq), nowMs);
      store.confirm(first_seq, last_seq, nowMs);
      return { ok: true };
    });
  }

  async adoptPolicy(raw: commands.AdoptPolicyCommand): Promise<commands.ToldAnswer> {
    return this.#keeper.run(commands.adoptPolicyCommand, raw, (command): commands.ToldAnswer => {
      const nowMs = this.#keeper.now();
      this.#keeper.commit(adoptPolicy(this.#keeper.stateFor(command, nowMs), command.policy, nowMs), nowMs);
      return { ok: true };
    });
  }

  async setStanding(raw: commands.SetStandingCommand): Promise<commands.ToldAnswer> {
    return this.#keeper.run(
      commands.setStandingCommand,
      raw,
      ({ wallet, status, version }): commands.ToldAnswer => {
        const nowMs = this.#keeper.now();
        const state = this.#keeper.stateFor({ wallet, policy: CLOSED_POLICY }, nowMs);
        if (version > state.standing.version)
          this.#keeper.commit({ state: { ...state, standing: { status, version } }, entries: [] }, nowMs);
        if (this.#keeper.state?.standing.status === 'disabled') this.#live.closeAll('user_disabled');
        return { ok: true };
      },
    );
  }

  async revokeSessions(raw: commands.RevokeSessionsCommand): Promise<commands.ToldAnswer> {
    return this.#keeper.run(
      commands.revokeSessionsCommand,
      raw,
      ({ wallet, issued_before_s }): commands.ToldAnswer => {
        const nowMs = this.#keeper.now();
        const state = this.#keeper.stateFor({ wallet, policy: CLOSED_POLICY }, nowMs);
        const sessions_revoked_until_s = Math.max(state.sessions_revoked_until_s, issued_before_s);
        this.#keeper.commit({ state: { ...state, sessions_revoked_until_s }, entries: [] }, nowMs);
        this.#live.closeSessions(sessions_revoked_until_s);
        return { ok: true };
      },
    );
  }

  async setKeyLimits(raw: commands.SetKeyLimitsCommand): Promise<commands.ToldAnswer> {
    return this.#keeper.run(commands.setKeyLimitsCommand, raw, ({ limits }): commands.ToldAnswer => {
      const { store } = this.#keeper;
      store.saveKey(adoptLimits(store.findKey(limits.id) ?? newKey(limits), limits, this.#keeper.now()));
      return { ok: true };
    });
  }

  async revokeKey(raw: commands.RevokeKeyCommand): Promise<commands.ToldAnswer> {
    return this.#keeper.run(commands.revokeKeyCommand, raw, ({ api_key_id }): commands.ToldAnswer => {
      const { store } = this.#keeper;
      const key = store.findKey(api_key_id) ?? newKey(unlimited(api_key_id));
      store.saveKey(revoke(key, this.#keeper.now()));
      return { ok: true };
    });
  }

  async forgetAnswer(raw: commands.ForgetAnswerCommand): Promise<commands.ToldAnswer> {
    return this.#keeper.run(commands.forgetAnswerCommand, raw, ({ execution_id }): commands.ToldAnswer => {
      const { store } = this.#keeper;
      const known = store.findIdempotencyOf(execution_id);
      if (known !== undefined) store.saveIdempotency(forgetAnswer(known));
      return { ok: true };
    });
  }

  async audit(raw: commands.AuditCommand): Promise<commands.AuditAnswer> {
    return this.#keeper.run(commands.auditCommand, raw, (): commands.AuditAnswer => {
      const state = this.#keeper.state;
      if (state === undefined) return { ok: true, audit: null };
      const { seq, last_hash, policy, standing, sessions_revoked_until_s } = state;
      const audit = {
        ...{ seq, last_hash, standing, sessions_revoked_until_s },
        figures: figuresOf(state),
        policy_version: policy.version,
        held: this.#keeper.store.held(),
        ...this.#keeper.store.outbox(),
      };
      return { ok: true, audit };
    });
  }

  async resend(raw: commands.ResendCommand): Promise<commands.ResendAnswer> {
    return this.#keeper.run(commands.resendCommand, raw, ({ first_seq, last_seq }): commands.ResendAnswer => {
      const resent = this.#keeper.store.sendAgain(first_seq, last_seq, this.#keeper.now());
      this.#keeper.arm();
      return { ok: true, resent };
    });
  }

  async ping(): Promise<'pong'> {
    return 'pong';
  }

  /** Ends what is overdue, opens a month that has begun, sends what Postgres has not confirmed, and sets the next alarm. */
  override async alarm(): Promise<void> {
    await doWhatIsDue(this.#keeper, this.env.JOURNAL_QUEUE);
  }

  #end(ending: Ending): commands.EndAnswer {
    const { amount, outcome } = ending;
    const { state } = this.#keeper;
    const facts = this.#keeper.factsOf(outcome.id);
    if (state === undefined || facts.known === undefined) return { ok: false, code: 'reservation_not_found' };
    const nowMs = this.#keeper.now();
    const decision = end(state, facts, ending, nowMs);
    this.#keeper.commit(decision, nowMs);
    if (decision.refusal !== undefined) return decision.refusal as commands.EndRefusal;
    return {
      ok: true,
      settled: amount,
      released: facts.known.amount - amount,
      thresholds_crossed: decision.reservation?.thresholds_crossed ?? [],
      view: viewOf(decision.state),
    };
  }

  /** Runs an operation that a person ordered: the same id does the same thing once, however often it is sent. */
  #once<Failure extends { ok: false }>(
    command: { wallet: WalletIdentity; policy: WalletPolicy; operation_id: string },
    meaning: unknown,
    decide: (state: WalletState, nowMs: number) => Change & { refusal?: Failure },
  ): { ok: true; seq: number; view: WalletView } | Failure | commands.Refusal<'idempotency_mismatch'> {
    const fingerprint = fingerprintOf(meaning);
    const nowMs = this.#keeper.now();
    const state = this.#keeper.stateFor(command, nowMs);
    const done = this.#keeper.store.findOperation(command.operation_id);
    if (done !== undefined) {
      if (done.fingerprint !== fingerprint) return { ok: false, code: 'idempotency_mismatch' };
      return { ok: true, seq: done.seq, view: viewOf(state) };
    }
    const { refusal, ...change } = decide(state, nowMs);
    const operation = { id: command.operation_id, fingerprint };
    this.#keeper.commit(refusal === undefined ? { ...change, operation } : change, nowMs);
    return refusal ?? { ok: true, seq: change.state.seq, view: viewOf(change.state) };
  }
}
