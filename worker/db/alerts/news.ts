import { v7 as uuidv7 } from 'uuid';
import { isTenantWallet, type JournalEntry, type WalletIdentity } from '../../../contracts/wallet/journal.ts';
import {
  type AlertKind,
  type EventData,
  eventOfAlert,
  type WebhookEventType,
} from '../../../contracts/webhooks/event.ts';

/** News of entries of wallets, checks and aggregates: candidates for alerts and for events of webhooks. */

/** The cause of an alert: at most one is open for each. `threshold` is in percent, 0 without. */
export type Cause = { kind: AlertKind; subject: string; threshold: number };

/** Something to tell. It becomes an alert if it has a cause that is not open yet, and an event if a webhook wants its type. */
export type Candidate = {
  /** The id of the alert and of the event. The same for the same entry, so that a repeated message tells nothing twice. */
  id: string;
  type: WebhookEventType;
  at_ms: number;
  data: EventData;
  cause: Cause | null;
  /** The wallet's entry; null for what is not from an entry. A later grant ends its cause. */
  seq: number | null;
  /** The execution whose end is told, if it ran in the background. */
  execution_id: string | null;
};

/** Alerts about a subject whose cause has gone. */
export type EndedCause = {
  kind: AlertKind;
  subject: string;
  /** Ends alerts of earlier entries only; null for all. */
  seq: number | null;
};

export type News = { candidates: Candidate[]; ended: EndedCause[] };

type WalletEntry = JournalEntry & WalletIdentity;

/** The part of an entry's hash that makes an id, for each thing that one entry can tell. */
const slices = { outcome: 0, low_balance: 1, credit: 2, budget: 3, empty: 4 } as const;

/** Returns a UUIDv7 of the time of an entry, whose random part is taken from the entry's hash. Pure. */
function idOf({ at_ms, hash }: WalletEntry, about: keyof typeof slices): string {
  const turned = hash.slice(slices[about] * 12) + hash;
  const random = Uint8Array.from({ length: 16 }, (_, index) =>
    Number.parseInt(turned.slice(index * 2, index * 2 + 2), 16),
  );
  return uuidv7({ msecs: at_ms, random });
}

/** Micro-USD below which a budget counts as used up: less than a cent pays for next to nothing. */
const BUDGET_EMPTY_MICRO_USD = 10_000;

const leftOf = ({ monthly_after, lifetime_after }: WalletEntry) => monthly_after + lifetime_after;

/** True for an entry that gives a wallet something, which ends its alerts. */
const isGrant = ({ kind, monthly_delta, lifetime_delta }: WalletEntry) =>
  kind === 'allocation' || kind === 'credit' || (kind === 'adjustment' && monthly_delta + lifetime_delta > 0);

const alertOf = (
  entry: WalletEntry,
  about: 'low_balance' | 'budget' | 'empty',
  threshold: number,
  data: EventData,
): Candidate => {
  const kind = about === 'low_balance' ? 'low_balance' : 'budget';
  return {
    ...{ id: idOf(entry, about), type: eventOfAlert[kind], at_ms: entry.at_ms, execution_id: null },
    cause: { kind, subject: entry.user_id, threshold },
    ...{ seq: entry.seq, data: { threshold_percent: threshold, ...data } },
  };
};

function newsOfTenant(entry: WalletEntry): Candidate[] {
  if (entry.kind !== 'debit') return [];
  const left_micro_usd = leftOf(entry);
  const crossed = Math.max(0, ...(entry.thresholds_crossed ?? []));
  return [
    ...(crossed > 0 ? [alertOf(entry, 'budget', crossed, { left_micro_usd })] : []),
    ...(left_micro_usd < BUDGET_EMPTY_MICRO_USD && crossed < 100
      ? [alertOf(entry, 'empty', 100, { left_micro_usd })]
      : []),
  ];
}

function newsOfUser(entry: WalletEntry): Candidate[] {
  const { user_id, seq, at_ms, kind, amount, reference } = entry;
  const balance = leftOf(entry) - entry.reserved_after;
  const outcome = entry.execution_outcome;
  const crossed = Math.max(0, ...(entry.thresholds_crossed ?? []));
  const plain = { at_ms, seq, cause: null };
  return [
    ...(crossed > 0 ? [alertOf(entry, 'low_balance', crossed, { user_id, balance })] : []),
    ...(kind === 'credit'
      ? [
          {
            ...{ ...plain, id: idOf(entry, 'credit'), type: 'wallet.credited' as const, execution_id: null },
            data: { user_id, amount, balance, reference },
          },
        ]
      : []),
    ...(outcome === null
      ? []
      : [
          {
            ...{ ...plain, id: idOf(entry, 'outcome'), execution_id: outcome.id, data: {} },
            type:
              outcome.status === 'succeeded'
                ? ('execution.completed' as const)
                : ('execution.failed' as const),
          },
        ]),
  ];
}

/** Returns what entries of one tenant have to tell: of its users' wallets and of its own. Pure. */
export function newsOfEntries(entries: WalletEntry[]): News {
  const ended = new Map<string, EndedCause>();
  for (const entry of entries.filter(isGrant)) {
    const kind = isTenantWallet(entry) ? 'budget' : 'low_balance';
    ended.set(entry.user_id, { kind, subject: entry.user_id, seq: entry.seq });
  }
  return {
    candidates: entries.flatMap((entry) => (isTenantWallet(entry) ? newsOfTenant(entry) : newsOfUser(entry))),
    ended: [...ended.values()],
  };
}
