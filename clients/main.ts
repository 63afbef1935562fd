import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { endWithUs } from '../dev/end-with-us.ts';
import { registerSomebody, setBalance, signIn } from '../test/support/demo.ts';
import { startTestStack, type TestStack } from '../test/support/stack.ts';
import { type Client, clients, models } from './catalog.ts';
import { openDoor } from './door.ts';
import { installClient } from './install.ts';
import { type Row, rowText, writeDocs } from './report.ts';
import { type FeatureResult, runClient } from './run-client.ts';

/** `npm run clients`: runs clients that others wrote, unchanged, against the local stack and its simulated providers. */

const HELP = `Runs SDKs, frameworks and agents, unchanged but for base URL and key, against a local stack with simulated providers.

  npm run clients -- [options] [part of a client's name ...]

  --model NAME   only on this model, instead of one of each kind of provider
  --write-docs   write the table to docs/clients.md
  --verbose      print why features failed
  --help         show this

Clients are installed in .data/clients from npm, PyPI and the Go module proxy. It takes about ten minutes the first time.`;

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = path.join(root, '.data/clients');
const HOSTNAME = 'globex.localhost';
const SCOPES = ['executions:write', 'executions:read', 'models:read'];
const BALANCE = 100_000_000;

/** Makes an API key of a user with a full wallet. */
async function makeKey({ port }: TestStack): Promise<string> {
  const admin = await signIn(port, HOSTNAME, 'admin@globex.test');
  const user = await registerSomebody(port, HOSTNAME);
  await setBalance(admin, user, BALANCE);
  const made = await user.post('/api/api-keys', { name: 'clients', scopes: SCOPES });
  return made.body.secret ?? made.body.key;
}

async function runOne(
  client: Client,
  where: { origin: string; key: string; model: string },
): Promise<FeatureResult[]> {
  try {
    return await runClient(await installClient(folder, client), where);
  } catch (error) {
    return [{ feature: 'install', ok: false, detail: String(error).slice(0, 2_000) }];
  }
}

async function runAll(chosen: Client[], chosenModels: string[], verbose: boolean): Promise<Row[]> {
  const stack = await startTestStack();
  const door = await openDoor(stack.port, HOSTNAME);
  try {
    const key = await makeKey(stack);
    const rows: Row[] = [];
    for (const client of chosen)
      for (const model of chosenModels) {
        const row = { client, model, results: await runOne(client, { origin: door.origin, key, model }) };
        rows.push(row);
        console.log(rowText(row, verbose));
      }
    return rows;
  } finally {
    await door.stop();
    await stack.stop();
  }
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: {
      ...{ model: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
      ...{ 'write-docs': { type: 'boolean' }, verbose: { type: 'boolean' } },
    },
    allowPositionals: true,
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const chosen = clients.filter(
    ({ name }) =>
      positionals.length === 0 || positionals.some((part) => name.toLowerCase().includes(part.toLowerCase())),
  );
  if (chosen.length === 0) {
    console.error(`No client has ${positionals.join(' or ')} in its name.`);
    return 2;
  }
  endWithUs();
  await mkdir(folder, { recursive: true });
  const rows = await runAll(
    chosen,
    values.model === undefined ? models : [values.model],
    values.verbose ?? false,
  );
  await writeFile(path.join(folder, 'results.json'), JSON.stringify(rows, null, 2));
  if (values['write-docs']) await writeDocs(root, rows);
  const failed = rows.flatMap(({ results }) => results).filter(({ ok }) => !ok).length;
  console.log(
    `${failed === 0 ? 'Every feature works' : `${failed} features failed`} (.data/clients/results.json)`,
  );
  return failed === 0 ? 0 : 1;
}

process.exit(await main());
