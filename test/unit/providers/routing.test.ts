import { describe, expect, it } from 'vitest';
import { Latencies } from '../../../worker/providers/failover/latencies.ts';
import { type RoutingSituation, routedOrder } from '../../../worker/providers/failover/routing.ts';

const model = (key: string, weight = 1) => ({ key, weight });
const three = [model('a'), model('b'), model('c')];

const order = (changes: Partial<RoutingSituation>, candidates = three) =>
  routedOrder(candidates, {
    ...{ strategy: 'priority', seed: 'seed', latencies_ms: new Map(), kept: null },
    ...changes,
  })
    .map(({ key }) => key)
    .join('');

/** The part of the draws in which a model came first. */
function share(candidates: { key: string; weight: number }[], key: string): number {
  const draws = 2_000;
  const firsts = Array.from({ length: draws }, (_, seed) =>
    order({ strategy: 'weighted', seed: String(seed) }, candidates).slice(0, 1),
  );
  return firsts.filter((first) => first === key).length / draws;
}

describe('the models of a name', () => {
  it.each<[string, Partial<RoutingSituation>, string]>([
    ['by priority are in their order', {}, 'abc'],
    ['by priority are in their order whatever they take', { latencies_ms: new Map([['c', 1]]) }, 'abc'],
    [
      'by latency are in the order of theirs',
      {
        strategy: 'least_latency',
        latencies_ms: new Map([
          ['a', 900],
          ['b', 300],
          ['c', 500],
        ]),
      },
      'bca',
    ],
    [
      'by latency begin with those that were not measured of late, by priority',
      { strategy: 'least_latency', latencies_ms: new Map([['a', 100]]) },
      'bca',
    ],
    ['of equal latency are by priority', { strategy: 'least_latency' }, 'abc'],
    ['begin with the one that is kept', { kept: 'c' }, 'cab'],
    ['are in their order if the one that is kept is gone', { kept: 'gone' }, 'abc'],
    [
      'by latency begin with the one that is kept',
      {
        strategy: 'least_latency',
        latencies_ms: new Map([
          ['a', 900],
          ['b', 300],
          ['c', 500],
        ]),
        kept: 'a',
      },
      'abc',
    ],
  ])('%s', (_, situation, expected) => {
    expect(order(situation)).toBe(expected);
  });

  it('by weight are drawn by their shares', () => {
    const weighted = [model('a', 70), model('b', 20), model('c', 10)];
    expect(share(weighted, 'a')).toBeCloseTo(0.7, 1);
    expect(share(weighted, 'b')).toBeCloseTo(0.2, 1);
    expect(share(weighted, 'c')).toBeCloseTo(0.1, 1);
  });

  it('by weight are drawn alike by the same seed, and all are there', () => {
    for (const seed of ['1', '2', '3', '4']) {
      const drawn = order({ strategy: 'weighted', seed });
      expect(order({ strategy: 'weighted', seed })).toBe(drawn);
      expect([...drawn].sort().join('')).toBe('abc');
    }
  });

  it('without a weight are tried last, by priority', () => {
    const some = [model('a', 0), model('b', 1), model('c', 0)];
    for (const seed of ['1', '2', '3', '4']) expect(order({ strategy: 'weighted', seed }, some)).toBe('bac');
  });
});

describe('latencies', () => {
  it('are averages that follow the newest calls, for each tenant apart', () => {
    const latencies = new Latencies();
    const call = (latency_ms: number, failed = false) =>
      latencies.record('acme', 'a', { latency_ms, failed }, 1_000);
    call(100);
    expect(latencies.of('acme', 'a', 1_000)).toBe(100);
    call(200);
    expect(latencies.of('acme', 'a', 1_000)).toBeCloseTo(130);
    expect(latencies.of('globex', 'a', 1_000)).toBeNull();
    expect(latencies.of('acme', 'b', 1_000)).toBeNull();
  });

  it('of failed calls are long, and old ones are forgotten', () => {
    const latencies = new Latencies();
    latencies.record('acme', 'a', { latency_ms: 5, failed: true }, 1_000);
    expect(latencies.of('acme', 'a', 1_000)).toBeGreaterThan(5_000);
    expect(latencies.of('acme', 'a', 301_001)).toBeNull();
  });
});
