import type { CpuProfile, ProfileNode } from './inspector.ts';
import type { SourceFiles } from './source-files.ts';

/** Sums the self time of a CPU profile by function and by group of modules. Pure. */

/** The share of a function or a group in the time of the profile. */
export type Share = { name: string; file: string; self_ms: number; percent: number };

/** Groups in the order of their test; the rest of `node_modules` is grouped by package, the rest of ours by folder. */
const groups: [group: string, pattern: RegExp][] = [
  ['hono', /node_modules\/(hono|@hono)\//],
  ['zod', /node_modules\/zod\//],
  ['openai sdk', /node_modules\/openai\//],
  ['drizzle and neon', /node_modules\/(drizzle-orm|@neondatabase)\//],
  ['durable-objects/wallet', /^durable-objects\/wallet\//],
  ['journal', /^journal\//],
];

function groupOf(file: string): string {
  const known = groups.find(([, pattern]) => pattern.test(file));
  if (known !== undefined) return known[0];
  const name = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1];
  return name ?? file.split('/').slice(0, 2).join('/');
}

/** The group of natives that no function of the bundle called. */
const NATIVE = 'native, without a caller';

/** V8's names for time outside of functions. */
const engine = new Map([
  ['(garbage collector)', 'garbage collector'],
  ['(idle)', 'idle'],
  ['(program)', 'engine and runtime, outside of functions'],
  ['(root)', 'engine and runtime, outside of functions'],
]);

class Sums {
  readonly #sums = new Map<string, Share>();

  add(name: string, file: string, self_ms: number): void {
    const key = `${name}\n${file}`;
    const sum = this.#sums.get(key) ?? { name, file, self_ms: 0, percent: 0 };
    sum.self_ms += self_ms;
    this.#sums.set(key, sum);
  }

  /** The shares, largest first. */
  shares(): Share[] {
    const all = [...this.#sums.values()];
    const totalMs = all.reduce((sum, { self_ms }) => sum + self_ms, 0);
    return all
      .map((share) => ({ ...share, percent: (100 * share.self_ms) / totalMs }))
      .sort((one, other) => other.self_ms - one.self_ms);
  }
}

/** Longest time that a sample stands for. After a longer one the sampling thread itself was stopped, not the function it saw. */
const SAMPLE_MAX_US = 5_000;

/** Returns the self time of each node in milliseconds. */
function selfTimes({ samples, timeDeltas }: CpuProfile): Map<number, number> {
  const times = new Map<number, number>();
  for (const [index, id] of samples.entries())
    times.set(id, (times.get(id) ?? 0) + Math.min(SAMPLE_MAX_US, timeDeltas[index] ?? 0) / 1_000);
  return times;
}

/** The file, group and name under which the time of a node is summed. */
type Place = { name: string; file: string; group: string };

/**
 * Returns the self time by function and by group. The time of a function that is not in the bundle, like a hash or `JSON.parse`,
 * belongs to the group that called it.
 */
export function sumSelfTime(
  profile: CpuProfile,
  sources: SourceFiles,
  isBundle: (url: string) => boolean,
): { functions: Share[]; groups: Share[] } {
  const placeOf = ({ callFrame }: ProfileNode, callerGroup: string): Place => {
    const { functionName, url, lineNumber } = callFrame;
    const name = functionName || '(anonymous)';
    const outside = engine.get(functionName);
    if (outside !== undefined) return { name, file: '', group: outside };
    if (!isBundle(url)) return { name, file: url || 'native', group: callerGroup };
    const file = sources.fileOf(lineNumber);
    return { name, file: `${file}:${lineNumber + 1}`, group: groupOf(file) };
  };
  const times = selfTimes(profile);
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const functions = new Sums();
  const groups = new Sums();
  const visit = (node: ProfileNode, callerGroup: string) => {
    const { name, file, group } = placeOf(node, callerGroup);
    const selfMs = times.get(node.id);
    if (selfMs !== undefined) {
      functions.add(name, file, selfMs);
      groups.add(group, '', selfMs);
    }
    const inherited = node.callFrame.functionName === '(root)' ? NATIVE : group;
    for (const child of node.children ?? []) {
      const found = nodes.get(child);
      if (found !== undefined) visit(found, inherited);
    }
  };
  const [top] = profile.nodes;
  if (top !== undefined) visit(top, NATIVE);
  return { functions: functions.shares(), groups: groups.shares() };
}
