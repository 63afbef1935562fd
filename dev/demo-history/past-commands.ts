import type {
  CreditCommand,
  ReleaseCommand,
  ReserveCommand,
  SettleCommand,
} from '../../durable-objects/wallet/commands.ts';

/** A command of the past for a wallet, as the local Worker takes it. */

/** A command of a wallet and the time at which it happened, in milliseconds since the epoch. */
export type PastCommand = { at_ms: number } & (
  | { method: 'reserve'; command: ReserveCommand }
  | { method: 'settle'; command: SettleCommand }
  | { method: 'release'; command: ReleaseCommand }
  | { method: 'credit'; command: CreditCommand }
);

/** Where the local Worker takes histories. */
export const REPLAY_PATH = '/__demo/history';
