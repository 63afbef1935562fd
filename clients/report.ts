import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { replaceResults } from '../bench/report/markdown.ts';
import type { Client } from './catalog.ts';
import type { FeatureResult } from './run-client.ts';

/** The features of a client on one model. */
export type Row = { client: Client; model: string; results: FeatureResult[] };

/** Returns a row as text for the terminal; with `verbose` also why features failed. */
export function rowText({ client, model, results }: Row, verbose: boolean): string {
  const marks = results.map(({ feature, ok }) => `${ok ? '✓' : '✗'} ${feature}`).join('  ');
  const reasons = results.filter(({ ok }) => verbose && !ok);
  return [
    `${client.name}, ${model}: ${marks}`,
    ...reasons.map(({ feature, detail }) => `  ${feature}: ${detail.replaceAll('\n', '\n    ')}`),
  ].join('\n');
}

/** Returns the table: a line for each client, a column for each model. */
export function tableOf(rows: readonly Row[]): string {
  const models = [...new Set(rows.map(({ model }) => model))];
  const names = [...new Set(rows.map(({ client }) => client.name))];
  const cellOf = (name: string, model: string) => {
    const results = rows.find((row) => row.client.name === name && row.model === model)?.results ?? [];
    const failed = results.filter(({ ok }) => !ok).map(({ feature }) => feature);
    const passed = results.length - failed.length;
    return failed.length === 0
      ? `${passed} of ${passed}`
      : `${passed} of ${results.length}; not: ${failed.join(', ')}`;
  };
  const lines = names.map((name) => {
    const { packages, features } = describe(rows.find(({ client }) => client.name === name));
    return `| ${[name, packages, features, ...models.map((model) => cellOf(name, model))].join(' | ')} |`;
  });
  return [
    `| ${['Client', 'Packages', 'Features', ...models].join(' | ')} |`,
    `|${' --- |'.repeat(models.length + 3)}`,
    ...lines,
  ].join('\n');
}

const describe = (row: Row | undefined) => ({
  packages: row?.client.packages.map((name) => `\`${name}\``).join(', ') ?? '',
  features: row?.results.map(({ feature }) => feature).join(', ') ?? '',
});

/** Writes the table to docs/clients.md. */
export async function writeDocs(root: string, rows: readonly Row[]): Promise<void> {
  const document = path.join(root, 'docs/clients.md');
  const date = new Date().toISOString().slice(0, 10);
  const results = `Run on ${date}.\n\n${tableOf(rows)}`;
  await writeFile(document, replaceResults(await readFile(document, 'utf8'), results, 'npm run clients'));
}
