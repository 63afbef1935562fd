import { DurableObject } from 'cloudflare:workers';
import { CommandProcessor } from './command-processor.ts';
import * as commands from './commands.ts';
import { compensate } from './rules/compensation.ts';
import { correct } from './rules/corrections.ts';
import type { SeqRange } from './rules/outbox.ts';
import { figuresOf, type WalletState } from './rules/state.ts';

/** Called when a state is on disk, and before entries are confirmed. */
type Hooks = {
  onDurable?: (state: WalletState) => void;
  beforeConfirmation?: (range: SeqRange) => void;
};

/**
 * A wallet's object: what a user's wallet and a tenant's have in common. Each method parses a command, applies the rules, stores the
 * result in one transaction, and answers.
 */
export abstract class WalletObject extends DurableObject<Env> implements commands.WalletMaintenanceRpc {
  /** Properties cannot be reached over RPC, only methods. */
  readonly processor: CommandProcessor;
  readonly #beforeConfirmation: (range: SeqRange) => void;

  constructor(
    ctx: DurableObjectState,
    env: Env,
    { onDurable = () => {}, beforeConfirmation = () => {} }: Hooks,
  ) {
    super(ctx, env);
    this.#beforeConfirmation = beforeConfirmation;
    this.processor = new CommandProcessor(ctx, { queueOf: () => this.env.JOURNAL_QUEUE, onDurable });
    ctx.blockConcurrencyWhile(() => this.processor.load());
  }

  async credit(raw: commands.CreditCommand): Promise<commands.CorrectionAnswer> {
    return this.processor.run(commands.creditCommand, raw, (command) => {
      const { amount, reason, reference, actor } = command;
      return this.processor.runOnce(
        command,
        { kind: 'credit', amount, reason, reference, actor },
        (state, nowMs) => correct(state, 'credit', command, nowMs),
      );
    });
  }

  async compensate(raw: commands.CompensateCommand): Promise<commands.CompensateAnswer> {
    return this.processor.run(commands.compensateCommand, raw, (command) => {
      const { reason, reference, actor } = command;
      const answer = this.processor.runOnce(
        command,
        { kind: 'compensation', reason, reference, actor },
        (state, nowMs) => compensate(state, this.processor.records.heldTotals(), command, nowMs),
      );
      if (!answer.ok) return answer;
      const state = this.processor.stateFor(command, this.processor.now());
      const { seq, last_hash: hash } = state;
      const isNewest = seq === answer.seq && seq > command.ledger.seq;
      return { ...answer, bridged: isNewest ? { seq, hash, figures: figuresOf(state) } : null };
    });
  }

  async confirm(raw: commands.ConfirmCommand): Promise<commands.Acknowledgement> {
    return this.processor.run(
      commands.confirmCommand,
      raw,
      ({ first_seq, last_seq }): commands.Acknowledgement => {
        const { outbox, records } = this.processor;
        const range = { first: first_seq, last: last_seq };
        this.#beforeConfirmation(range);
        if (outbox.confirm(range)) records.touch();
        return { ok: true };
      },
    );
  }

  async audit(raw: commands.AuditCommand): Promise<commands.AuditAnswer> {
    return this.processor.run(commands.auditCommand, raw, (): commands.AuditAnswer => {
      const state = this.processor.state;
      if (state === undefined) return { ok: true, audit: null };
      const { seq, last_hash, policy, standing, sessions_revoked_until_s } = state;
      const audit = {
        ...{ seq, last_hash, standing, sessions_revoked_until_s },
        figures: figuresOf(state),
        policy_version: policy.version,
        held: this.processor.records.heldTotals(),
        ...this.processor.outbox.audit(seq),
      };
      return { ok: true, audit };
    });
  }

  async resend(raw: commands.ResendCommand): Promise<commands.ResendAnswer> {
    return this.processor.run(
      commands.resendCommand,
      raw,
      ({ first_seq, last_seq }): commands.ResendAnswer => ({
        ok: true,
        resent: this.processor.resend({ first: first_seq, last: last_seq }),
      }),
    );
  }

  async ping(): Promise<'pong'> {
    return 'pong';
  }
}
