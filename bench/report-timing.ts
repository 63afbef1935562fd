import { quantile } from './statistics.ts';

/** Measurements of reports, and their tables. */

export const ROUNDS = 15;

/** Returns the median of a few runs, in ms. */
export async function p50(run: () => Promise<unknown>): Promise<number> {
  await run();
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const begun = performance.now();
    await run();
    times.push(performance.now() - begun);
  }
  return quantile(
    times.sort((one, other) => one - other),
    0.5,
  );
}

export const show = (name: string, value: string) => console.log(`${name.padEnd(64)} ${value}`);
export const showMs = (name: string, ms: number) => show(name, `${ms.toFixed(1)} ms`);

/** Returns the day some days ago. */
export const dayOf = (back: number) => new Date(Date.now() - back * 86_400_000).toISOString().slice(0, 10);

/** Throws for a report that was refused. */
export const succeeded = (answer: { ok: boolean }) => {
  if (!answer.ok) throw new Error(JSON.stringify(answer));
};
