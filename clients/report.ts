import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { replaceResults, resultsOf } from '../bench/report/markdown.ts';
import type { Client } from './catalog.ts';
import type { FeatureResult } from './run-client.ts';

/** The features of a client on one model. */
export type Row = { client: Client; model: string; results: FeatureResult[] };

/** A table of docs/clients.md: its columns and its lines, whose first cells name them. */
export type Table = { head: string[]; lines: string[][] };

/** Returns results as text for the terminal; with `verbose` also why features failed. */
export function resultsText(name: string, results: readonly FeatureResult[], verbose: boolean): string {
  const marks = results.map(({ feature, ok }) => `${ok ? '✓' : '✗'} ${feature}`).join('  ');
  const reasons = results.filter(({ ok }) => verbose && !ok);
  return [
    `${name}: ${marks}`,
    ...reasons.map(({ feature, detail }) => `  ${feature}: ${detail.replaceAll('\n', '\n    ')}`),
  ].join('\n');
}

/** Returns how many features work, and which do not. */
export function resultsCell(results: readonly FeatureResult[]): string {
  const failed = results.filter(({ ok }) => !ok).map(({ feature }) => feature);
  const passed = results.length - failed.length;
  return failed.length === 0
    ? `${passed} of ${passed}`
    : `${passed} of ${results.length}; not: ${failed.join(', ')}`;
}

export const codeList = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');
export const featureList = (results: readonly FeatureResult[]): string =>
  results.map(({ feature }) => feature).join(', ');
export const today = (): string => new Date().toISOString().slice(0, 10);

/** Returns the table of clients: a line for each, a column for each model. */
export function clientTable(rows: readonly Row[]): Table {
  const models = [...new Set(rows.map(({ model }) => model))];
  const lines = [...Map.groupBy(rows, ({ client }) => client.name).values()].map((own) => {
    const [first] = own;
    const cells = models.map((model) => resultsCell(own.find((row) => row.model === model)?.results ?? []));
    const { name = '', packages = [] } = first?.client ?? {};
    return [name, codeList(packages), featureList(first?.results ?? []), ...cells, today()];
  });
  return { head: ['Client', 'Packages', 'Features', ...models, 'Run on'], lines };
}

const lineOf = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** Returns the lines of a table with new ones in the place of those with their names, or at the end. */
function mergedLines(before: string, lines: readonly string[][]): string[] {
  const nameIn = (line: string) => line.split(' | ')[0]?.replace(/^\| /, '') ?? '';
  const old = before.split('\n').filter((line) => line.startsWith('| '));
  const merged = new Map(old.slice(2).map((line) => [nameIn(line), line]));
  for (const line of lines) merged.set(line[0] ?? '', lineOf(line));
  return [...merged.values()];
}

/** Returns a document with lines of a command's table written anew. Other lines stay. Pure. */
export function withTable(document: string, command: string, { head, lines }: Table): string {
  const kept = mergedLines(resultsOf(document, command), lines);
  const all = [lineOf(head), lineOf(head.map(() => '---')), ...kept];
  return replaceResults(document, all.join('\n'), command);
}

/** Writes lines of a table to docs/clients.md. */
export async function writeTable(root: string, command: string, table: Table): Promise<void> {
  const document = path.join(root, 'docs/clients.md');
  await writeFile(document, withTable(await readFile(document, 'utf8'), command, table));
}
