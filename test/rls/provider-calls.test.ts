import { v7 as uuidv7 } from 'uuid';
import { afterAll, describe, expect, it } from 'vitest';
import { projectJournal } from '../../worker/db/ledger/journal.ts';
import { got, startGovernedWorld } from './governed-world.ts';
import { messagesOf } from './journal-entries.ts';
import { lifeOf } from './wallet-life.ts';

/** The calls of providers that triggers count. */

const world = await startGovernedWorld();
const { database, owner, worker, own } = world;
afterAll(() => database.stop());

const DAY_MS = 86_400_000;

describe('the calls of a provider', () => {
  const calls = async (providerId: string) =>
    (
      await owner.query(
        `select hour, calls::int, failures::int, last_failure, last_failed_at_ms::float8 as at from provider_calls
         where provider_id = $1 order by hour`,
        [providerId],
      )
    ).rows;
  const failure = (kind: 'overloaded' | 'timeout' | 'invalid_request') => ({
    ...{ kind, status: 500, retryable: true, retry_after_ms: null },
  });
  const attemptsAt = (
    provider_id: string,
    started_at_ms: number,
    kinds: Parameters<typeof failure>[0][] = [],
  ) =>
    [
      ...kinds.map((kind, index) => ({ started_at_ms: started_at_ms + index, failure: failure(kind) })),
      { started_at_ms: started_at_ms + kinds.length, failure: null },
    ].map((attempt) => ({
      ...{
        provider_kind: 'openai' as const,
        provider_name: 'OpenAI',
        provider_model: 'm',
        latency_ms: 1,
        provider_id,
      },
      ...attempt,
    }));

  it('are counted by the hour with the last failure, and failures that a request caused are not the provider’s', async () => {
    const provider_id = uuidv7();
    const hour = Math.floor(Date.now() / 3_600_000);
    const at = hour * 3_600_000;
    const life = await lifeOf(owner, own, [
      { attempts: attemptsAt(provider_id, at, ['overloaded', 'timeout']) },
      { attempts: attemptsAt(provider_id, at, ['invalid_request']) },
      { attempts: attemptsAt(provider_id, at - 3_600_000, ['overloaded']) },
    ]);
    got(await projectJournal(worker, messagesOf(life, 2)));
    got(await projectJournal(worker, messagesOf(life, 3)));
    expect(await calls(provider_id)).toEqual([
      { hour: hour - 1, calls: 2, failures: 1, last_failure: 'overloaded', at: at - 3_600_000 },
      { hour, calls: 5, failures: 2, last_failure: 'timeout', at: at + 1 },
    ]);
  });

  it('of more than two days ago are forgotten: an hour replaces that of two days before', async () => {
    const provider_id = uuidv7();
    const now = Date.now();
    const attempts = [-9, -2, 0, 1 / 24].flatMap((days) =>
      attemptsAt(provider_id, now + days * DAY_MS, ['timeout']),
    );
    got(
      await projectJournal(worker, messagesOf(await lifeOf(owner, own, [{ attempts: attempts.slice(2) }]))),
    );
    const hour = Math.floor(now / 3_600_000);
    await owner.query('update provider_calls set hour = hour - 48 where provider_id = $1', [provider_id]);
    got(await projectJournal(worker, messagesOf(await lifeOf(owner, own, [{ attempts }]))));
    expect((await calls(provider_id)).map((row) => [row.hour, row.calls, row.failures])).toEqual([
      [hour, 2, 1],
      [hour + 1, 2, 1],
    ]);
  });
});
