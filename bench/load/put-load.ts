import { ANSWER_TEXT, type BenchModel } from '../models.ts';
import type { Child } from '../stack/child.ts';
import { cpuTimeMs } from '../stack/cpu-time.ts';
import type { Target } from '../targets.ts';
import type { Load, LoadResult } from './generator.ts';

export type LoadPlan = {
  connections: number;
  seconds: number;
  model: BenchModel;
  stream: boolean;
  requests_max?: number;
  pause_ms?: number;
};

/** The result of a load, with the CPU time of the gateway for all of it, including what it did afterwards. */
export type MeasuredLoad = LoadResult & { cpu_ms: number };

const cpuOf = async (pids: number[]): Promise<number> => {
  const times = await Promise.all(pids.map(cpuTimeMs));
  return times.reduce<number>((sum, time) => sum + (time ?? Number.NaN), 0);
};

/** Puts a load on a gateway and waits until it is idle again. Throws when any answer was wrong. */
export async function putLoad(generator: Child, target: Target, plan: LoadPlan): Promise<MeasuredLoad> {
  const { connections, seconds, model, stream, ...pace } = plan;
  const load: Load = {
    ...{ port: target.port, connections, duration_ms: seconds * 1_000 },
    requests: target.requests(model, stream),
    // A whole answer has the text of all frames; peers ask for it whole, and get it once.
    expected: { text: ANSWER_TEXT, times: stream ? model.frames : 1 },
    ...pace,
  };
  await target.begin();
  const before = await cpuOf(target.pids);
  const result = await generator.ask<LoadResult>(load);
  const errors = Object.entries(result.errors);
  if (errors.length > 0)
    throw new Error(`${target.name} answered wrong: ${JSON.stringify(errors.slice(0, 3))}`);
  await target.settle(result.requests);
  return { ...result, cpu_ms: (await cpuOf(target.pids)) - before };
}
