import { endWithUs } from '../dev/end-with-us.ts';
import { UsageError } from '../dev/options.ts';
import { Bench } from './bench.ts';
import { type BenchOptions, helpText, parseOptions } from './options.ts';
import { takeProfile } from './profile/take-profile.ts';
import { readEnvironment } from './report/environment.ts';
import { targetLines, textTable } from './report/table.ts';
import { writeDocs, writeResults } from './report/write.ts';
import { measureRow, type RowResult } from './row.ts';
import { type RowEntry, rowEntries } from './rows/rows.ts';

/** `npm run bench`: measures the product beside its peers. */

const say = (line: string) => console.log(line);

/** Returns the rows to measure. A name that is no row's stands for all that begin with it. */
function chosenRows({ rows }: BenchOptions): RowEntry[] {
  if (rows.length === 0) return rowEntries;
  const isExact = (wanted: string) => rowEntries.some(({ name }) => name === wanted);
  const matches = (wanted: string, name: string) =>
    isExact(wanted) ? name === wanted : name.startsWith(wanted);
  const unknown = rows.find((wanted) => !rowEntries.some(({ name }) => matches(wanted, name)));
  if (unknown !== undefined) throw new UsageError(`No row is named ${unknown}. --help lists them.`);
  return rowEntries.filter(({ name }) => rows.some((wanted) => matches(wanted, name)));
}

async function measureAll(bench: Bench, entries: RowEntry[]): Promise<void> {
  const environment = readEnvironment();
  const results: RowResult[] = [];
  for (const entry of entries) {
    const result = await measureRow(await entry.open(bench), bench.options, say);
    say(`${textTable(result)}\n`);
    results.push(result);
    await writeResults(environment, results);
  }
  for (const line of targetLines(results)) say(line);
  if (bench.options.writeDocs) await writeDocs(environment, bench.options, results);
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
