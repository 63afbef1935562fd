import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Bench } from '../bench.ts';
import { putLoad } from '../load/put-load.ts';
import { short } from '../models.ts';
import { benchFolder } from '../stack/stack.ts';
import { WORKER_NAME } from '../stack/worker.ts';
import { ourTarget } from '../targets.ts';
import { profileWhile } from './inspector.ts';
import { type Share, sumSelfTime } from './self-time.ts';
import { SourceFiles } from './source-files.ts';

const CONNECTIONS = 32;
const WARM_UP_SECONDS = 3;
const FUNCTIONS_SHOWN = 40;

const lineOf = ({ name, file, self_ms, percent }: Share, requests: number): string =>
  [
    `${percent.toFixed(1).padStart(5)} %`,
    `${((1_000 * self_ms) / requests).toFixed(0).padStart(6)} µs/request`,
    `${name}  ${file}`,
  ].join('  ');

/** Profiles the Worker under load, writes the profile to a file, and prints where the time went. */
export async function takeProfile(bench: Bench): Promise<void> {
  const { seconds, wallets } = bench.options;
  const stack = await bench.stack();
  const { inspectorPort, bundle } = stack.worker;
  if (inspectorPort === null) throw new Error('The Worker runs without an inspector');
  const target = ourTarget(stack, stack.worker, stack.users.slice(0, wallets));
  const load = (duration: number) =>
    putLoad(bench.generator(), target, {
      ...{ connections: CONNECTIONS, seconds: duration, model: short, stream: false },
    });
  await load(WARM_UP_SECONDS);
  let requests = 0;
  const profile = await profileWhile(inspectorPort, WORKER_NAME, async () => {
    const result = await load(seconds);
    requests = result.requests;
    bench.say(`${Math.round(requests / result.seconds)} requests/s with the profiler on`);
  });
  const file = path.join(benchFolder, 'worker.cpuprofile');
  await writeFile(file, JSON.stringify(profile));
  const sources = new SourceFiles(await readFile(bundle.script, 'utf8'));
  const isBundle = (url: string) => url.endsWith(path.basename(bundle.script));
  const { functions, groups } = sumSelfTime(profile, sources, isBundle);
  bench.say(`\nSelf time by group, with the natives it calls; ${target.name}, ${CONNECTIONS} connections`);
  for (const share of groups) bench.say(lineOf(share, requests));
  bench.say(`\nSelf time by function, the first ${FUNCTIONS_SHOWN}`);
  for (const share of functions.slice(0, FUNCTIONS_SHOWN)) bench.say(lineOf(share, requests));
  bench.say(`\nThe profile is in ${file}: open it in a browser's developer tools.`);
}
