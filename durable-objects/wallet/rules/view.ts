import type { WalletView } from '../../../contracts/api/wallet.ts';
import { availableOf, figuresOf, reservedOf, resetsAtMs, type WalletState } from './state.ts';
import { currentWarning } from './warnings.ts';

/** The wallet as the API returns it to its owner. */
export function viewOf(state: WalletState): WalletView {
  const { version: _, ...policy } = state.policy;
  const resetsAt = resetsAtMs(state);
  return {
    ...figuresOf(state),
    reserved: reservedOf(state),
    available: availableOf(state),
    used_this_period: state.used_this_period,
    warning: currentWarning(state),
    would_refuse: { executions: state.would_refuse_executions, tokens: state.would_refuse_tokens },
    seq: state.seq,
    period: state.period,
    resets_at: resetsAt === null ? null : new Date(resetsAt).toISOString(),
    policy,
  };
}
