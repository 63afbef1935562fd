import { gzipSync } from 'node:zlib';
import type { Plugin, Rolldown } from 'vite';

/** The most JavaScript that a route may load before it can be used. */
export type RouteBudget = {
  route: string;
  /** The name of the files that it loads first. */
  name: string;
  /** Ends of the module ids that the route begins with: the entry, and what the router loads for it. */
  modules: string[];
  files_max: number;
  gzip_bytes_max: number;
};

/** The part of a chunk that a budget needs. */
export type Chunk = Pick<Rolldown.OutputChunk, 'fileName' | 'moduleIds' | 'imports' | 'code'>;

const KB = 1_024;

/** The routes that people wait for: the first page of a visitor, and that of a user. */
export const routeBudgets: RouteBudget[] = [
  { route: '/login', name: 'first', modules: ['/index.html'], files_max: 12, gzip_bytes_max: 160 * KB },
  {
    route: '/',
    name: 'home',
    modules: ['/index.html', '/src/app/private-app.tsx', '/src/features/home/pages/home.tsx'],
    files_max: 20,
    gzip_bytes_max: 200 * KB,
  },
];

/** Returns the chunks that a route loads: those of its modules, and all that they import statically. Throws if a module has none. Pure. */
export function chunksOf<One extends Chunk>(chunks: One[], modules: string[]): One[] {
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const loaded = new Set<One>();
  const load = (chunk: One | undefined) => {
    if (chunk === undefined || loaded.has(chunk)) return;
    loaded.add(chunk);
    for (const name of chunk.imports) load(byName.get(name));
  };
  for (const module of modules) {
    const chunk = chunks.find(({ moduleIds }) => moduleIds.some((id) => id.endsWith(module)));
    if (chunk === undefined) throw new Error(`No chunk has ${module}`);
    load(chunk);
  }
  return [...loaded];
}

/** Returns what a route loads, and a sentence for each limit that it exceeds. Pure. */
export function measureRoute(
  chunks: Chunk[],
  { route, modules, files_max, gzip_bytes_max }: Omit<RouteBudget, 'name'>,
) {
  const loaded = chunksOf(chunks, modules);
  const files = loaded.length;
  const gzip_bytes = loaded.reduce((sum, { code }) => sum + gzipSync(code).length, 0);
  const kb = (bytes: number) => `${Math.ceil(bytes / KB)} KB`;
  const excesses = [
    files > files_max ? `${route} loads ${files} files of JavaScript, more than ${files_max}` : null,
    gzip_bytes > gzip_bytes_max
      ? `${route} loads ${kb(gzip_bytes)} of compressed JavaScript, more than ${kb(gzip_bytes_max)}`
      : null,
  ].filter((excess) => excess !== null);
  return { route, files, gzip_bytes, excesses };
}

/** Fails a build whose routes exceed their budget, and prints what each loads. */
export const webBudget = (budgets: RouteBudget[]): Plugin => ({
  name: 'web-budget',
  apply: 'build',
  generateBundle(_options, bundle) {
    const chunks = Object.values(bundle).filter((output) => output.type === 'chunk');
    const measured = budgets.map((budget) => measureRoute(chunks, budget));
    for (const { route, files, gzip_bytes } of measured)
      this.info(`${route} loads ${files} files of JavaScript, ${Math.ceil(gzip_bytes / KB)} KB compressed`);
    const excesses = measured.flatMap((route) => route.excesses);
    if (excesses.length > 0) this.error(excesses.join('\n'));
  },
});
