import { z } from 'zod';
import { walletIdentity } from '../../contracts/wallet/journal.ts';
import type { CommandRefusal } from './commands.ts';

/** Names an execution that holds tokens. */
export const executionCommand = z.object({ wallet: walletIdentity, execution_id: z.uuid() });
export type ExecutionCommand = z.infer<typeof executionCommand>;

/** `is_over`: the reservation has ended. */
export type CancelAnswer = { ok: true; is_over: boolean } | CommandRefusal;
/** `goes_on`: the reservation is held, and its user has not cancelled the execution. */
export type CheckAnswer = { ok: true; goes_on: boolean } | CommandRefusal;

/** The RPC methods by which a running execution learns that it was cancelled. Neither writes. */
export interface CancellationRpc {
  /** Marks an execution as cancelled, and answers when its reservation has ended, or after some seconds. */
  cancel(command: ExecutionCommand): Promise<CancelAnswer>;
  check(command: ExecutionCommand): Promise<CheckAnswer>;
}

/** Time for which a cancellation waits for the end of the execution. Less than a caller waits for a wallet. */
const WAIT_MAX_MS = 8_000;

/**
 * The cancellations of executions that a provider is answering. They are kept in memory: the stored state of the execution has them too,
 * so a wallet that restarts only makes the provider be left later.
 */
export class Cancellations {
  readonly #ends = new Map<string, PromiseWithResolvers<void>>();

  has(id: string): boolean {
    return this.#ends.has(id);
  }

  /** Marks an execution, and resolves when it has ended or the time is over. `isHeld` tells which earlier marks are still needed. */
  async request(id: string, isHeld: (id: string) => boolean): Promise<void> {
    for (const known of this.#ends.keys()) if (!isHeld(known)) this.ended(known);
    const end = this.#ends.get(id) ?? Promise.withResolvers<void>();
    this.#ends.set(id, end);
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, WAIT_MAX_MS);
    await Promise.race([end.promise, late]);
    clearTimeout(timer);
  }

  /** The reservation of an execution has ended. */
  ended(id: string): void {
    this.#ends.get(id)?.resolve();
    this.#ends.delete(id);
  }
}
