/** The models of the benchmarks. The name of one says how the upstream streams its answer. */

/** The text of every answer, and of every frame of a stream. */
export const ANSWER_TEXT = 'The quick brown fox jumps over the dog.';

/** A model whose answer is streamed in `frames` frames with text, `pause_ms` apart. */
export type BenchModel = { frames: number; pause_ms: number };

export const modelName = ({ frames, pause_ms }: BenchModel): string => `bench-${frames}-${pause_ms}`;

/** An answer in one frame, as fast as possible. */
export const short: BenchModel = { frames: 1, pause_ms: 0 };
/** A long answer, as fast as possible. */
export const long: BenchModel = { frames: 100, pause_ms: 0 };
/** An answer that takes two seconds, like a person reads. */
export const paced: BenchModel = { frames: 100, pause_ms: 20 };

export const benchModels = [short, long, paced];

/** Reads the model from the JSON of a request. */
export function readModel(body: string): BenchModel {
  const [, frames, pause] = /"model":\s*"(?:[\w/-]*\/)?bench-(\d+)-(\d+)"/.exec(body) ?? [];
  return { frames: Number(frames ?? 1), pause_ms: Number(pause ?? 0) };
}
