import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import type { WalletView } from '../../contracts/api/wallet.ts';
import type { JournalEntry } from '../../contracts/wallet/journal.ts';
import { entriesOf, outcomeOf as executionOutcomeOf, startOf } from '../rls/journal-entries.ts';
import type { LedgerRow } from '../support/demo.ts';
import { type Call, type Evidence, outcomeOf, violationsOf } from './history.ts';

const identity = { tenantId: uuidv7(), userId: uuidv7() };
const [served, refused, cutOff, again] = [uuidv7(), uuidv7(), uuidv7(), uuidv7()];

const rowOf = ({ actor, ...entry }: JournalEntry): LedgerRow => ({
  ...entry,
  actor_kind: actor.kind,
  actor_id: actor.id,
});

type Step = Parameters<typeof entriesOf>[1][number];

const reserve = (id: string, mark: number): Step => ({
  kind: 'reserve',
  operation_id: id,
  amount: 50,
  reserved: 50,
  execution_start: { ...startOf(id), max_output_tokens: mark },
});
const debit = (id: string, amount = 20): Step => ({
  kind: 'debit',
  operation_id: id,
  amount,
  lifetime: -amount,
  reserved: -50,
  execution_outcome: executionOutcomeOf(id),
});
const release = (id: string): Step => ({
  kind: 'release',
  operation_id: id,
  amount: 50,
  reserved: -50,
  execution_outcome: executionOutcomeOf(id, 'failed'),
});

const opening: Step = { kind: 'allocation', operation_id: 'allocation', amount: 1_000, lifetime: 1_000 };

/** Returns a wallet and a Postgres that agree with a ledger of these steps. */
function evidenceOf(steps: Step[]): Evidence {
  const wallet = { tenant_id: identity.tenantId, user_id: identity.userId };
  const ledger = entriesOf(wallet, [opening, ...steps]).map(rowOf);
  const last = ledger.at(-1);
  const figures = {
    seq: ledger.length,
    monthly: 0,
    lifetime: last?.lifetime_after ?? 0,
    reserved: last?.reserved_after ?? 0,
    overage: 0,
  };
  const ends = ledger.filter(({ kind }) => kind === 'debit' || kind === 'release');
  const consumed = ends.reduce((sum, { kind, amount }) => sum + (kind === 'debit' ? amount : 0), 0);
  return {
    identity,
    reservation_lifetime_ms: 10_000,
    ledger,
    wallet: {
      ...figures,
      available: figures.lifetime - figures.reserved,
      granted: 1_000,
      consumed,
      expired: 0,
    } as WalletView,
    projected: figures,
    executions: ends.map(({ kind, operation_id, amount }) => ({
      id: operation_id,
      status: kind === 'debit' ? 'succeeded' : 'failed',
      tokens_charged: kind === 'debit' ? amount : 0,
    })),
    reconciled: { status: 'ok', verified_seq: ledger.length, differences: [] },
  };
}

const calls: Call[] = [
  { mark: 64, outcome: 'ok', execution_id: served, tokens_charged: 20 },
  { mark: 65, outcome: 'fail', status: 503, code: 'provider_failed' },
  { mark: 66, outcome: 'unknown', why: 'hung up' },
  { mark: 67, outcome: 'unknown', why: 'hung up' },
];
const soundSteps = [
  reserve(served, 64),
  debit(served),
  reserve(refused, 65),
  release(refused),
  reserve(cutOff, 66),
  debit(cutOff),
];

const kindsOf = (found: ReturnType<typeof violationsOf>) => [...new Set(found.map(({ kind }) => kind))];

describe('a history', () => {
  it('that agrees with the wallet and Postgres has no violation, whether an interrupted call was charged or not', () => {
    expect(violationsOf(calls, evidenceOf(soundSteps))).toEqual([]);
    expect(violationsOf(calls, evidenceOf(soundSteps.slice(0, 4)))).toEqual([]);
  });

  it.each<[string, Step[], ReturnType<typeof kindsOf>]>([
    ['an acknowledged debit is missing', soundSteps.slice(2), ['lost']],
    ['an acknowledged call was released', [reserve(served, 64), release(served)], ['lost']],
    ['another amount was debited than answered', [reserve(served, 64), debit(served, 21)], ['misbilled']],
    ['a call was run and charged twice', [...soundSteps, reserve(again, 66), debit(again)], ['doubled']],
    [
      'a reservation was debited twice',
      [...soundSteps.slice(0, 2), { ...debit(served), reserved: 0 }],
      ['chain', 'doubled'],
    ],
    [
      'a refused call was charged',
      [...soundSteps.slice(0, 2), reserve(refused, 65), debit(refused)],
      ['charged_failure'],
    ],
    ['somebody ran what nobody asked for', [...soundSteps, reserve(uuidv7(), 99)], ['stranger', 'unended']],
    ['a reservation never ended', soundSteps.slice(0, 5), ['unended']],
  ])('in which %s is found out', (_, steps, kinds) => {
    expect(kindsOf(violationsOf(calls, evidenceOf(steps)))).toEqual(kinds);
  });

  it('with a reservation that ended more than a minute after its deadline has a violation', () => {
    const evidence = evidenceOf(soundSteps);
    expect(kindsOf(violationsOf(calls, { ...evidence, reservation_lifetime_ms: -70_000 }))).toEqual([
      'unended',
    ]);
  });

  it.each<[string, (evidence: Evidence) => Partial<Evidence>, ReturnType<typeof kindsOf>]>([
    [
      'a changed entry',
      ({ ledger }) => ({ ledger: ledger.with(2, { ...ledger[2], reason: 'never said' } as LedgerRow) }),
      ['chain'],
    ],
    ['a missing entry', ({ ledger }) => ({ ledger: ledger.toSpliced(3, 1) }), ['chain', 'differs']],
    [
      'a wallet that spent more',
      ({ wallet }) => ({ wallet: { ...wallet, lifetime: wallet.lifetime - 1 } }),
      ['differs'],
    ],
    [
      'a wallet that breaks its law',
      ({ wallet }) => ({ wallet: { ...wallet, granted: 1_001 } }),
      ['differs'],
    ],
    [
      'a projection that lags',
      ({ projected }) => ({ projected: projected && { ...projected, seq: 6 } }),
      ['differs'],
    ],
    [
      'a reconciliation that objects',
      ({ reconciled }) => ({ reconciled: { ...reconciled, status: 'different' as const } }),
      ['differs'],
    ],
    [
      'a reconciliation that did not get to the end',
      ({ reconciled }) => ({ reconciled: { ...reconciled, verified_seq: 6 } }),
      ['differs'],
    ],
    ['no projection', () => ({ projected: null }), ['differs']],
    [
      'an execution that still runs',
      ({ executions }) => ({ executions: executions.map((row) => ({ ...row, status: 'running' })) }),
      ['differs'],
    ],
    [
      'an execution charged otherwise',
      ({ executions }) => ({ executions: executions.map((row) => ({ ...row, tokens_charged: 7 })) }),
      ['differs'],
    ],
  ])('with %s is found out', (_, change, kinds) => {
    const evidence = evidenceOf(soundSteps);
    expect(kindsOf(violationsOf(calls, { ...evidence, ...change(evidence) })).sort()).toEqual(kinds.sort());
  });
});

describe('an answer', () => {
  const answer = (status: number, code?: string, id?: string) => ({
    status,
    headers: id === undefined ? {} : { 'x-execution-id': id },
    body: code === undefined ? null : { error: { code } },
  });

  it('of 201 acknowledges', () => {
    expect(outcomeOf({ status: 201, headers: {}, body: { id: served, tokens_charged: 5 } })).toEqual({
      outcome: 'ok',
      execution_id: served,
      tokens_charged: 5,
    });
  });

  it.each([
    ['402 before anything ran', answer(402, 'insufficient_balance'), 'fail'],
    ['503 after every provider failed', answer(503, 'provider_failed', served), 'fail'],
    ['503 before the providers were asked', answer(503, 'unavailable'), 'fail'],
    ['503 with the settlement open', answer(503, 'unavailable', served), 'unknown'],
    ['500', answer(500, 'internal'), 'unknown'],
    ['502 of somebody in between', answer(502), 'unknown'],
  ])('of %s says what it says', (_, told, outcome) => {
    expect(outcomeOf(told).outcome).toBe(outcome);
  });
});
