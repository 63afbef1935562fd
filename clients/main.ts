import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { endWithUs } from '../dev/end-with-us.ts';
import { startTestStack } from '../test/support/stack.ts';
import { HOSTNAME, makeAccount } from './account.ts';
import { type Client, clients, models } from './catalog.ts';
import { openDoor } from './door.ts';
import { serveEdits } from './edits.ts';
import { installClient } from './install.ts';
import { clientTable, type Row, resultsText, writeTable } from './report.ts';
import { type FeatureResult, runClient, type Where } from './run-client.ts';
import { upstreamTable, upstreamText } from './upstreams/report.ts';
import { runUpstreams } from './upstreams/run.ts';
import { type Server, servers } from './upstreams/servers.ts';

/** `npm run clients`: runs clients that others wrote, unchanged, against the local stack and its simulated providers. */

const HELP = `Runs SDKs, frameworks and agents, unchanged but for base URL and key, against a local stack with simulated providers.

  npm run clients -- [options] [part of a name ...]

  --model NAME   only on this model, instead of one of each kind of provider
  --upstream     run servers as providers of the gateway instead of clients
  --write-docs   write the lines of the table to docs/clients.md; other clients keep theirs
  --verbose      print why features failed
  --help         show this

Clients are installed in .data/clients from npm, PyPI and the Go module proxy. It takes about ten minutes the first time.`;

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = path.join(root, '.data/clients');
async function runOne(client: Client, where: Where): Promise<FeatureResult[]> {
  try {
    return await runClient(await installClient(folder, client), where);
  } catch (error) {
    return [{ feature: 'install', ok: false, detail: String(error).slice(0, 2_000) }];
  }
}

async function runAll(chosen: Client[], chosenModels: string[], verbose: boolean): Promise<Row[]> {
  const stack = await startTestStack();
  const door = await openDoor(stack.port, HOSTNAME);
  const { key, admin } = await makeAccount(stack);
  const edits = await serveEdits(admin, chosenModels);
  try {
    const rows: Row[] = [];
    for (const client of chosen)
      for (const model of chosenModels) {
        const where = { origin: door.origin, key, model, edit_model: edits.names.get(model) ?? '' };
        const row = { client, model, results: await runOne(client, where) };
        rows.push(row);
        console.log(resultsText(`${client.name}, ${model}`, row.results, verbose));
      }
    return rows;
  } finally {
    await edits.stop();
    await door.stop();
    await stack.stop();
  }
}

async function runClients(chosen: Client[], chosenModels: string[], verbose: boolean) {
  const rows = await runAll(chosen, chosenModels, verbose);
  return { rows, table: clientTable(rows), command: 'npm run clients' };
}

async function runServers(chosen: Server[], verbose: boolean) {
  const rows = await runUpstreams(folder, chosen, (row) => console.log(upstreamText(row, verbose)));
  return { rows, table: upstreamTable(rows), command: 'npm run clients -- --upstream' };
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: {
      ...{ model: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
      ...{ 'write-docs': { type: 'boolean' }, verbose: { type: 'boolean' }, upstream: { type: 'boolean' } },
    },
    allowPositionals: true,
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const { 'write-docs': writes = false, verbose = false } = values;
  if (writes && values.model !== undefined) {
    console.error('--write-docs needs every model: leave out --model.');
    return 2;
  }
  const isNamed = ({ name }: { name: string }) =>
    positionals.length === 0 || positionals.some((part) => name.toLowerCase().includes(part.toLowerCase()));
  const chosen = (values.upstream ? servers : clients).filter(isNamed);
  if (chosen.length === 0) {
    console.error(`Nothing has ${positionals.join(' or ')} in its name.`);
    return 2;
  }
  endWithUs();
  await mkdir(folder, { recursive: true });
  const { rows, table, command } = values.upstream
    ? await runServers(servers.filter(isNamed), verbose)
    : await runClients(
        clients.filter(isNamed),
        values.model === undefined ? models : [values.model],
        verbose,
      );
  await writeFile(path.join(folder, 'results.json'), JSON.stringify(rows, null, 2));
  if (writes) await writeTable(root, command, table);
  const failed = rows.flatMap(({ results }) => results).filter(({ ok }) => !ok).length;
  console.log(
    `${failed === 0 ? 'Every feature works' : `${failed} features failed`} (.data/clients/results.json)`,
  );
  return failed === 0 ? 0 : 1;
}

process.exit(await main());
