import { hash } from 'node:crypto';
import type { RoutingStrategy } from '../../../contracts/catalog/model-routing.ts';

/**
 * The order in which the models of one public name are tried. Pure: table-tested, no clock, no chance. Failover (failover.ts) skips those
 * that are cooling down.
 */

/** A model as routing sees it. */
export type Routed = {
  /** Tells apart models and the credentials they are called with. */
  key: string;
  /** The share of the requests. 0 is tried last. */
  weight: number;
};

/** Everything the order rests on. */
export type RoutingSituation = {
  strategy: RoutingStrategy;
  /** The same seed gives the same order by weight. */
  seed: string;
  /** The milliseconds to the first event by the key of the model, as of late. Missing for one that was not asked of late. */
  latencies_ms: ReadonlyMap<string, number>;
  /** The key of the model that answered the conversation's last turn; null if none is known, or it does not matter. */
  kept: string | null;
};

/** The digits of a hash that a number holds exactly. */
const HEX_DIGITS = 13;

/** Returns a number above 0 and up to 1 that depends on the texts alone, evenly spread. */
function chanceOf(seed: string, key: string): number {
  const drawn = Number.parseInt(hash('sha256', `${seed}/${key}`, 'hex').slice(0, HEX_DIGITS), 16);
  return (drawn + 1) / 16 ** HEX_DIGITS;
}

/**
 * Returns the place of a model in a draw without return: the smallest comes first, each with the chance of its share (Efraimidis and
 * Spirakis, Weighted random sampling with a reservoir, 2006).
 */
const drawnPlace = ({ key, weight }: Routed, seed: string): number =>
  weight === 0 ? Number.POSITIVE_INFINITY : -Math.log(chanceOf(seed, key)) / weight;

/** Sorts by a figure. Equal ones stay in their order, which is that of priority. */
function sortedBy<Candidate>(
  candidates: readonly Candidate[],
  figureOf: (candidate: Candidate) => number,
): Candidate[] {
  const figures = new Map(candidates.map((candidate) => [candidate, figureOf(candidate)]));
  const of = (candidate: Candidate) => figures.get(candidate) ?? 0;
  return candidates.toSorted((one, other) => (of(one) === of(other) ? 0 : of(one) < of(other) ? -1 : 1));
}

/** A model without a recent latency is tried first, so that its latency is known. */
const UNMEASURED_MS = -1;

function byStrategy<Candidate extends Routed>(
  candidates: readonly Candidate[],
  { strategy, seed, latencies_ms }: RoutingSituation,
): Candidate[] {
  switch (strategy) {
    case 'priority':
      return [...candidates];
    case 'weighted':
      return sortedBy(candidates, (candidate) => drawnPlace(candidate, seed));
    case 'least_latency':
      return sortedBy(candidates, ({ key }) => latencies_ms.get(key) ?? UNMEASURED_MS);
  }
}

/** Returns the models in the order in which they are tried. `candidates` are in the order of priority. */
export function routedOrder<Candidate extends Routed>(
  candidates: readonly Candidate[],
  situation: RoutingSituation,
): Candidate[] {
  const ordered = byStrategy(candidates, situation);
  const kept = ordered.filter(({ key }) => key === situation.kept);
  return [...kept, ...ordered.filter(({ key }) => key !== situation.kept)];
}
