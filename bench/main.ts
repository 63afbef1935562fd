import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { endWithUs } from '../dev/end-with-us.ts';
import { UsageError } from '../dev/options.ts';
import { Bench } from './bench.ts';
import { type BenchOptions, helpText, parseOptions } from './options.ts';
import { takeProfile } from './profile/take-profile.ts';
import { textTable } from './report/table.ts';
import { measureRow, type RowResult } from './row.ts';
import { type RowEntry, rowEntries } from './rows/rows.ts';
import { benchFolder } from './stack/stack.ts';

/** `npm run bench`: measures the product beside its peers. */

const say = (line: string) => console.log(line);

function chosenRows({ rows }: BenchOptions): RowEntry[] {
  if (rows.length === 0) return rowEntries;
  const unknown = rows.find((begin) => !rowEntries.some(({ name }) => name.startsWith(begin)));
  if (unknown !== undefined) throw new UsageError(`No row is named ${unknown}. --help lists them.`);
  return rowEntries.filter(({ name }) => rows.some((begin) => name.startsWith(begin)));
}

async function measureAll(bench: Bench, entries: RowEntry[]): Promise<void> {
  const results: RowResult[] = [];
  for (const entry of entries) {
    const result = await measureRow(await entry.open(bench), bench.options, say);
    say(`${textTable(result)}\n`);
    results.push(result);
    await writeFile(path.join(benchFolder, 'results.json'), JSON.stringify(results, null, 2));
  }
}

async function main(): Promise<number> {
  try {
    const options = parseOptions(process.argv.slice(2));
    if (options === null) {
      say(helpText(rowEntries));
      return 0;
    }
    const entries = chosenRows(options);
    endWithUs();
    const bench = new Bench(options, say);
    try {
      await (options.profile ? takeProfile(bench) : measureAll(bench, entries));
    } finally {
      await bench.stop();
    }
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    return 2;
  }
}

process.exit(await main());
