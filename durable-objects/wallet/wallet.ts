import type { ExecutionOutcome, WalletIdentity } from '../../contracts/wallet/journal.ts';
import { SUBSCRIPTION_HEADER, walletSubscription } from '../../contracts/wallet/wallet-subscription.ts';
import {
  type CancelAnswer,
  type CancellationRpc,
  Cancellations,
  type CheckAnswer,
  type ExecutionCommand,
  executionCommand,
} from './cancellations.ts';
import * as commands from './commands.ts';
import { EndedSessions } from './ended-sessions.ts';
import { isTenantRefusal, type Leased, LeaseKeeper } from './lease-keeper.ts';
import { LiveBalance } from './live-balance.ts';
import { expireExecution, runDueWork } from './maintenance.ts';
import { refuseSession } from './rules/access.ts';
import { adoptPolicy, PLACEHOLDER_POLICY } from './rules/allocation.ts';
import { correct } from './rules/corrections.ts';
import { forgetAnswer } from './rules/idempotency.ts';
import { adoptLimits, newKey, revoke, unlimited, windowOf } from './rules/key-limits.ts';
import { unusedOf } from './rules/leases.ts';
import { end, extend, type ReservationEnd, reserve } from './rules/reservations.ts';
import { shortfallOf } from './rules/state.ts';
import { viewOf } from './rules/view.ts';
import { UsedTickets } from './used-tickets.ts';
import { WalletObject } from './wallet-object.ts';

/**
 * One user's wallet: the shell around the rules.
 */
export class Wallet extends WalletObject implements commands.WalletRpc, CancellationRpc {
  readonly #live: LiveBalance;
  readonly #leases: LeaseKeeper;
  readonly #cancellations = new Cancellations();
  readonly #tickets: UsedTickets;
  readonly #endedSessions: EndedSessions;

  constructor(ctx: DurableObjectState, env: Env) {
    const live = new LiveBalance(ctx);
    super(ctx, env, {
      onDurable: (state) => live.push(viewOf(state), Date.now()),
      // Their records are in Postgres now, so listeners can fetch them.
      beforeConfirmation: (range) =>
        live.pushEnded(() => this.processor.outbox.unconfirmedOf(range), this.processor.now()),
    });
    this.#live = live;
    this.#tickets = new UsedTickets(ctx.storage);
    this.#endedSessions = new EndedSessions(ctx.storage);
    this.#leases = new LeaseKeeper(this.processor, (tenantId) =>
      this.env.TENANT_WALLET.getByName(`${tenantId}/${tenantId}`),
    );
  }

  async reserve(raw: commands.ReserveCommand): Promise<commands.ReserveAnswer> {
    return this.#leases.run(commands.reserveCommand, raw, (command, free): Leased<commands.ReserveAnswer> => {
      if (this.#endedSessions.has(command.session_id)) return { ok: false, code: 'session_revoked' };
      const records = this.processor.recordsForReserve(command);
      const nowMs = this.processor.now();
      const decision = reserve(this.processor.stateFor(command, nowMs), records, command, nowMs);
      this.processor.commit(decision, nowMs, { inBackground: command.lifetime_ms !== undefined });
      if (decision.refusal !== undefined) return decision.refusal;
      const { reservation, key } = decision;
      if (reservation === undefined) throw new Error('A reserve without refusal has a reservation');
      return {
        ok: true,
        reserved: reservation.amount,
        shortfall: shortfallOf(reservation),
        expires_at_ms: reservation.expires_at_ms,
        view: viewOf(decision.state),
        key_window: key === undefined ? null : windowOf(key, nowMs),
        tenant_left: free === null ? null : free + unusedOf(decision.state),
      };
    });
  }

  async settle(raw: commands.SettleCommand): Promise<commands.EndAnswer> {
    return this.processor.run(commands.settleCommand, raw, ({ amount, outcome, answer }) =>
      this.#end({ kind: 'debit', amount, outcome, answer }),
    );
  }

  async release(raw: commands.ReleaseCommand): Promise<commands.EndAnswer> {
    return this.processor.run(commands.releaseCommand, raw, ({ outcome }) =>
      this.#end({ kind: 'release', amount: 0, outcome }),
    );
  }

  async extend(raw: commands.ExtendCommand): Promise<commands.ExtendAnswer> {
    const answer = await this.#leases.run(commands.extendCommand, raw, (command) => this.#extend(command));
    if (answer.ok || !isTenantRefusal(answer)) return answer;
    // Without more of the tenant's budget the hold stays as it is, and only its deadline moves.
    const { wallet, execution_id } = raw;
    return this.extend({ wallet, execution_id });
  }

  #extend({
    execution_id,
    amount,
    lowers_from,
    wholesale,
  }: commands.ExtendCommand): Leased<commands.ExtendAnswer> {
    const { state } = this.processor;
    if (state === undefined) return { ok: false, code: 'reservation_not_found' };
    const nowMs = this.processor.now();
    const totals = { amount, lowers_from, wholesale: wholesale?.amount };
    const decision = extend(state, this.processor.recordsOfExecution(execution_id), nowMs, totals);
    this.processor.commit(decision, nowMs);
    if (decision.refusal !== undefined) return decision.refusal;
    const { reservation } = decision;
    if (reservation === undefined) throw new Error('An extension without refusal has a reservation');
    const { expires_at_ms, amount: reserved, wholesale: held = 0 } = reservation;
    return { ok: true, expires_at_ms, reserved, wholesale: held };
  }

  async cancel(raw: ExecutionCommand): Promise<CancelAnswer> {
    return this.processor.run(executionCommand, raw, async ({ execution_id }) => {
      if (this.#isHeld(execution_id))
        await this.#cancellations.request(execution_id, (id) => this.#isHeld(id));
      return { ok: true, is_over: !this.#isHeld(execution_id) };
    });
  }

  async check(raw: ExecutionCommand): Promise<CheckAnswer> {
    return this.processor.run(executionCommand, raw, ({ execution_id }) => ({
      ok: true,
      goes_on: this.#isHeld(execution_id) && !this.#cancellations.has(execution_id),
    }));
  }

  #isHeld(executionId: string): boolean {
    return this.processor.records.findReservation(executionId)?.state === 'held';
  }

  async recall(raw: commands.RecallCommand): Promise<commands.RecallAnswer> {
    return this.processor.run(commands.recallCommand, raw, (command) => this.#leases.recall(command));
  }

  async adjust(raw: commands.AdjustCommand): Promise<commands.CorrectionAnswer> {
    return this.processor.run(commands.adjustCommand, raw, (command) => {
      const { amount, reason, reference, actor } = command;
      return this.processor.runOnce(
        command,
        { kind: 'adjustment', amount, reason, reference, actor },
        (state, nowMs) => correct(state, 'adjustment', command, nowMs),
      );
    });
  }

  async read(raw: commands.ReadCommand): Promise<commands.ReadAnswer> {
    return this.processor.run(commands.readCommand, raw, (command): commands.ReadAnswer => {
      const { session_issued_at_s, session_id } = command;
      if (this.#endedSessions.has(session_id)) return { ok: false, code: 'session_revoked' };
      const state = this.processor.currentState(command);
      // Without a session an administrator reads, who may also read a disabled user's wallet.
      const refusal = session_issued_at_s === null ? undefined : refuseSession(state, session_issued_at_s);
      return refusal ?? { ok: true, view: viewOf(state) };
    });
  }

  /** Opens the live balance: a WebSocket that sends the wallet now and after every commit. */
  override async fetch(request: Request): Promise<Response> {
    const raw = request.headers.get(SUBSCRIPTION_HEADER);
    if (raw === null || request.headers.get('upgrade') !== 'websocket')
      return Response.json({ ok: false, code: 'invalid_command' }, { status: 400 });
    const answer = await this.processor.run(walletSubscription, JSON.parse(raw), (command) => {
      const { ticket, session } = command;
      if (ticket !== null && !this.#tickets.use(ticket, Date.now())) return this.#live.refuse('ticket_used');
      if (this.#endedSessions.has(session.id)) return this.#live.refuse('session_revoked');
      const state = this.processor.currentState(command);
      const refusal = refuseSession(state, session.issued_at_s);
      return refusal === undefined
        ? this.#live.open(session, viewOf(state))
        : this.#live.refuse(refusal.code);
    });
    return answer instanceof Response ? answer : Response.json(answer, { status: 400 });
  }

  override webSocketMessage(socket: WebSocket): void {
    // Listeners send nothing. 1003 (RFC 6455, section 7.4.1): data of a type the endpoint cannot accept.
    socket.close(1003, 'nothing_to_say');
  }

  async adoptPolicy(raw: commands.AdoptPolicyCommand): Promise<commands.Acknowledgement> {
    return this.processor.run(commands.adoptPolicyCommand, raw, (command): commands.Acknowledgement => {
      const nowMs = this.processor.now();
      this.processor.commit(
        adoptPolicy(this.processor.stateFor(command, nowMs), command.policy, nowMs),
        nowMs,
      );
      return { ok: true };
    });
  }

  async setStanding(raw: commands.SetStandingCommand): Promise<commands.Acknowledgement> {
    return this.processor.run(
      commands.setStandingCommand,
      raw,
      ({ wallet, status, version }): commands.Acknowledgement => {
        const nowMs = this.processor.now();
        const state = this.processor.stateFor({ wallet, policy: PLACEHOLDER_POLICY }, nowMs);
        if (version > state.standing.version)
          this.processor.commit({ state: { ...state, standing: { status, version } }, entries: [] }, nowMs);
        if (this.processor.state?.standing.status === 'disabled') this.#live.closeAll('user_disabled');
        return { ok: true };
      },
    );
  }

  async revokeSessions(raw: commands.RevokeSessionsCommand): Promise<commands.Acknowledgement> {
    return this.processor.run(
      commands.revokeSessionsCommand,
      raw,
      ({ wallet, issued_before_s }): commands.Acknowledgement => this.#revoke(wallet, issued_before_s),
    );
  }

  async endSession(raw: commands.EndSessionCommand): Promise<commands.Acknowledgement> {
    return this.processor.run(
      commands.endSessionCommand,
      raw,
      ({ wallet, session }): commands.Acknowledgement => {
        const untilS = this.#endedSessions.add(session, this.processor.now());
        this.#live.closeSession(session.id);
        return untilS === null ? { ok: true } : this.#revoke(wallet, untilS);
      },
    );
  }

  #revoke(wallet: WalletIdentity, issuedUntilS: number): commands.Acknowledgement {
    const nowMs = this.processor.now();
    const state = this.processor.stateFor({ wallet, policy: PLACEHOLDER_POLICY }, nowMs);
    const sessions_revoked_until_s = Math.max(state.sessions_revoked_until_s, issuedUntilS);
    this.processor.commit({ state: { ...state, sessions_revoked_until_s }, entries: [] }, nowMs);
    this.#live.closeSessions(sessions_revoked_until_s);
    return { ok: true };
  }

  async setKeyLimits(raw: commands.SetKeyLimitsCommand): Promise<commands.Acknowledgement> {
    return this.processor.run(commands.setKeyLimitsCommand, raw, ({ limits }): commands.Acknowledgement => {
      const nowMs = this.processor.now();
      const key = this.processor.records.findKey(limits.id) ?? newKey(limits);
      this.processor.commitKey(adoptLimits(key, limits, nowMs), nowMs);
      return { ok: true };
    });
  }

  async revokeKey(raw: commands.RevokeKeyCommand): Promise<commands.Acknowledgement> {
    return this.processor.run(commands.revokeKeyCommand, raw, ({ api_key_id }): commands.Acknowledgement => {
      const nowMs = this.processor.now();
      const key = this.processor.records.findKey(api_key_id) ?? newKey(unlimited(api_key_id));
      this.processor.commitKey(revoke(key, nowMs), nowMs);
      return { ok: true };
    });
  }

  async forgetAnswer(raw: commands.ForgetAnswerCommand): Promise<commands.Acknowledgement> {
    return this.processor.run(
      commands.forgetAnswerCommand,
      raw,
      ({ execution_id }): commands.Acknowledgement => {
        const { store } = this.processor;
        const known = store.findIdempotencyOf(execution_id);
        if (known !== undefined) store.saveIdempotency(forgetAnswer(known));
        return { ok: true };
      },
    );
  }

  /** Runs the due maintenance: see {@link runDueWork}. */
  override async alarm(): Promise<void> {
    await runDueWork(this.processor, { overdue: expireExecution, more: (nowMs) => this.#leases.tend(nowMs) });
  }

  #end(ending: ReservationEnd & { outcome: ExecutionOutcome }): commands.EndAnswer {
    const { amount, outcome } = ending;
    const { state } = this.processor;
    const records = this.processor.recordsOfExecution(outcome.id);
    if (state === undefined || records.known === undefined)
      return { ok: false, code: 'reservation_not_found' };
    const nowMs = this.processor.now();
    const decision = end(state, records, ending, nowMs);
    this.processor.commit(decision, nowMs);
    if (decision.refusal !== undefined) return decision.refusal as commands.EndRefusal;
    this.#cancellations.ended(outcome.id);
    return {
      ok: true,
      settled: amount,
      released: records.known.amount - amount,
      thresholds_crossed: decision.reservation?.thresholds_crossed ?? [],
      view: viewOf(decision.state),
    };
  }
}
