import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BenchOptions } from '../options.ts';
import type { RowResult } from '../row.ts';
import { benchFolder, root } from '../stack/stack.ts';
import type { Environment } from './environment.ts';
import { replaceResults, resultsAsMarkdown } from './markdown.ts';
import { plotLatency } from './plot.ts';

/** Writes what was measured so far to the git-ignored folder. */
export async function writeResults(environment: Environment, rows: RowResult[]): Promise<void> {
  await writeFile(path.join(benchFolder, 'results.json'), JSON.stringify({ environment, rows }, null, 2));
}

/** Writes the tables and the plot to docs/. */
export async function writeDocs(
  environment: Environment,
  options: BenchOptions,
  rows: RowResult[],
): Promise<void> {
  const document = path.join(root, 'docs/benchmarks.md');
  const results = resultsAsMarkdown(environment, options, rows);
  await writeFile(document, replaceResults(await readFile(document, 'utf8'), results, 'npm run bench'));
  const connections = rows.filter(({ name }) => name.startsWith('connections-'));
  if (connections.length > 1)
    await writeFile(path.join(root, 'docs/benchmarks.svg'), plotLatency(connections));
}
