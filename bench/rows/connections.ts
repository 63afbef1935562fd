import type { Bench } from '../bench.ts';
import { putLoad } from '../load/put-load.ts';
import { short } from '../models.ts';
import type { Figure, Row } from '../row.ts';
import { quantile } from '../statistics.ts';

const figures: Figure[] = [
  { name: 'per_second', label: 'requests', unit: '/s', better: 'more' },
  { name: 'p50_ms', label: 'p50', unit: 'ms', better: 'less' },
  { name: 'p99_ms', label: 'p99', unit: 'ms', better: 'less' },
  { name: 'cpu_ms', label: 'CPU', unit: 'ms/request', better: 'less' },
];

/** Whole answers over a number of connections that are always busy. */
export async function connectionsRow(bench: Bench, name: string, connections: number): Promise<Row> {
  const targets = [...(await bench.targets()), await bench.floor()];
  return {
    name,
    title: `Whole answers, ${connections === 1 ? '1 connection' : `${connections} connections`}`,
    figures,
    contenders: targets.map((target) => ({
      ...{ name: target.name, side: target.side },
      async measure(seconds) {
        const plan = { connections, seconds, model: short, stream: false };
        const { requests, seconds: took, total_ms, cpu_ms } = await putLoad(bench.generator(), target, plan);
        return {
          per_second: requests / took,
          p50_ms: quantile(total_ms, 0.5),
          p99_ms: quantile(total_ms, 0.99),
          cpu_ms: cpu_ms / requests,
        };
      },
    })),
  };
}
