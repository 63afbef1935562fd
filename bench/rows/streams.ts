import type { Bench } from '../bench.ts';
import { putLoad } from '../load/put-load.ts';
import { long, paced, short } from '../models.ts';
import type { Row } from '../row.ts';
import { quantile } from '../statistics.ts';

/** Every frame of every stream is counted in these rows: a measurement with a lost one fails. */

/** Time to the first byte of a streamed answer, one at a time. */
export async function firstByteRow(bench: Bench): Promise<Row> {
  return {
    name: 'first-byte',
    title: 'Streamed answers, 1 connection',
    figures: [
      { name: 'first_byte_p50_ms', label: 'first byte p50', unit: 'ms', better: 'less' },
      { name: 'first_byte_p99_ms', label: 'first byte p99', unit: 'ms', better: 'less' },
      { name: 'own_p50_ms', label: 'first byte p50 without a deliberate pause', unit: 'ms', better: 'less' },
      { name: 'total_p50_ms', label: 'whole stream p50', unit: 'ms', better: 'less' },
    ],
    contenders: (await bench.targets()).map((target) => ({
      ...{ name: target.name, side: target.side },
      async measure(seconds) {
        const plan = { connections: 1, seconds, model: short, stream: true };
        const { first_byte_ms, total_ms } = await putLoad(bench.generator(), target, plan);
        return {
          first_byte_p50_ms: quantile(first_byte_ms, 0.5),
          first_byte_p99_ms: quantile(first_byte_ms, 0.99),
          own_p50_ms: quantile(first_byte_ms, 0.5) - (target.pause_ms ?? 0),
          total_p50_ms: quantile(total_ms, 0.5),
        };
      },
    })),
  };
}

/** The cost of each frame of a long stream. */
export async function framesRow(bench: Bench): Promise<Row> {
  const connections = 8;
  return {
    name: 'frames',
    title: `Streams of ${long.frames} frames, ${connections} connections`,
    figures: [
      { name: 'frames_per_second', label: 'frames', unit: '/s', better: 'more' },
      { name: 'frame_us', label: 'from frame to frame', unit: 'µs', better: 'less' },
      { name: 'frame_cpu_us', label: 'CPU of each frame', unit: 'µs', better: 'less' },
    ],
    contenders: (await bench.targets()).map((target) => ({
      ...{ name: target.name, side: target.side },
      async measure(seconds) {
        const plan = { connections, seconds, model: long, stream: true };
        const load = await putLoad(bench.generator(), target, plan);
        const frames = load.requests * long.frames;
        const streamMs = quantile(load.total_ms, 0.5) - quantile(load.first_byte_ms, 0.5);
        return {
          frames_per_second: frames / load.seconds,
          frame_us: (1_000 * streamMs) / (long.frames - 1),
          frame_cpu_us: (1_000 * load.cpu_ms) / frames,
        };
      },
    })),
  };
}

const STREAMS = 200;

/** Many streams at once, as fast as a person reads. */
export async function concurrentStreamsRow(bench: Bench): Promise<Row> {
  return {
    name: 'streams',
    title: `${STREAMS} streams at once, ${paced.frames} frames each, ${paced.pause_ms} ms apart; no frame lost`,
    figures: [
      { name: 'first_byte_p50_ms', label: 'first byte p50', unit: 'ms', better: 'less' },
      { name: 'first_byte_p99_ms', label: 'first byte p99', unit: 'ms', better: 'less' },
      { name: 'total_p50_ms', label: 'whole stream p50', unit: 'ms', better: 'less' },
      { name: 'total_p99_ms', label: 'whole stream p99', unit: 'ms', better: 'less' },
      { name: 'frame_cpu_us', label: 'CPU of each frame', unit: 'µs', better: 'less' },
    ],
    contenders: (await bench.targets()).map((target) => ({
      ...{ name: target.name, side: target.side },
      async measure() {
        const plan = { connections: STREAMS, seconds: 60, model: paced, stream: true };
        const load = await putLoad(bench.generator(), target, { ...plan, requests_max: STREAMS });
        return {
          first_byte_p50_ms: quantile(load.first_byte_ms, 0.5),
          first_byte_p99_ms: quantile(load.first_byte_ms, 0.99),
          total_p50_ms: quantile(load.total_ms, 0.5),
          total_p99_ms: quantile(load.total_ms, 0.99),
          frame_cpu_us: (1_000 * load.cpu_ms) / (load.requests * paced.frames),
        };
      },
    })),
  };
}
