#!/usr/bin/env node
// Runs `node dev/bootstrap.mjs <program> [arguments]` with everything in place: dependencies installed as the lockfile says,
// types generated from wrangler.toml, and node_modules/.bin first on PATH, so that the Node of the npm package `node` runs
// whatever Node the machine has.
// Plain JavaScript without dependencies, because it runs before there are any, on Node 20 or later.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = path.join(root, 'node_modules/.installed-lockfile');
const typesStamp = path.join(root, 'node_modules/.generated-types');
const bin = path.join(root, 'node_modules/.bin');
const lock = path.join(root, '.data/installing');
/** Exists from the start of an installation until it succeeds: after an interruption node_modules cannot be trusted. */
const unfinished = path.join(root, '.data/installation-unfinished');
const LOCK_STALE_MS = 15 * 60_000;
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Hashes files of the repository. Throws when one is missing. */
function hashOf(...files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(path.join(root, file))).update('\0');
  return hash.digest('hex');
}

/** The lockfile the installed tree must match, and the machine its binaries were chosen for. */
const wantedStamp = () => `${hashOf('package-lock.json')} ${process.platform}-${process.arch}`;

/** The generated types and all they are made from: an edit of either makes them anew. */
const wantedTypesStamp = () => hashOf('package-lock.json', 'wrangler.toml', 'worker-configuration.d.ts');

const readJson = (file) => JSON.parse(readFileSync(path.join(root, file), 'utf8'));

/** True when somebody else, an `npm install` by hand, brought node_modules to what the lockfile says: npm notes what it did. */
function matchesLockfile() {
  const wanted = Object.entries(readJson('package-lock.json').packages);
  const installed = readJson('node_modules/.package-lock.json').packages;
  return wanted.every(
    ([name, { optional, integrity }]) =>
      name === '' || optional === true || (name in installed && installed[name].integrity === integrity),
  );
}

function isInstalled() {
  if (existsSync(unfinished)) return false;
  try {
    if (readFileSync(stamp, 'utf8') === wantedStamp()) return true;
  } catch {
    // There is no stamp: npm's own notes decide.
  }
  try {
    if (!matchesLockfile()) return false;
    writeFileSync(stamp, wantedStamp());
    return true;
  } catch {
    return false;
  }
}

function hasTypes() {
  try {
    return readFileSync(typesStamp, 'utf8') === wantedTypesStamp();
  } catch {
    return false;
  }
}

/** Runs a child on our terminal and returns how it ended. Signals we get are passed on to it; we outlive it. */
function runChild(command, args, env, stdio = 'inherit') {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio, env });
    const forward = (signal) => child.kill(signal);
    for (const signal of signals) process.on(signal, forward);
    child.once('error', (error) => {
      console.error(`Cannot run ${command}: ${error.message}`);
      resolve({ code: 127, signal: null });
    });
    child.once('exit', (code, signal) => {
      for (const one of signals) process.off(one, forward);
      resolve({ code, signal });
    });
  });
}

/** True when the process that holds the lock is gone. A holder that has not written its pid yet is given a moment. */
function isLockStale() {
  const held = statSync(lock, { throwIfNoEntry: false });
  if (held === undefined) return false;
  const age = Date.now() - held.mtimeMs;
  const pid = Number(readFileSync(lock, 'utf8'));
  if (pid === 0) return age > 10_000;
  try {
    process.kill(pid, 0);
    return age > LOCK_STALE_MS;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

/** Takes the lock, waiting for whoever has it: two `npm ci` in one folder destroy each other's work. */
async function takeLock() {
  mkdirSync(path.dirname(lock), { recursive: true });
  for (let waited = false; ; waited = true) {
    try {
      return writeFileSync(lock, String(process.pid), { flag: 'wx' });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (isLockStale()) rmSync(lock, { force: true });
    else if (!waited) console.error('Waiting for another installation of the dependencies ...');
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

/** The PATH we were given without our own tools, which the installation is about to replace. */
function outerPath() {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  return folders.filter((folder) => path.resolve(folder) !== bin).join(path.delimiter);
}

/** The environment of what we run: our tools first on PATH. */
const innerEnv = () => ({ ...process.env, PATH: [bin, outerPath()].join(path.delimiter) });

const done = { code: 0, signal: null };

/** The packages in node_modules so far: its folders, and those in the folders of scopes. */
function countPackages() {
  const foldersOf = (folder) => {
    try {
      return readdirSync(path.join(root, folder)).filter((name) => !name.startsWith('.'));
    } catch {
      // It does not exist yet, or is being replaced.
      return [];
    }
  };
  return foldersOf('node_modules')
    .map((name) => (name.startsWith('@') ? foldersOf(`node_modules/${name}`).length : 1))
    .reduce((sum, count) => sum + count, 0);
}

/** Shows how far an installation is: in one line that changes on a terminal, else a line every 15 seconds. Returns how to end it. */
function showProgress() {
  const startedAtMs = Date.now();
  const isTerminal = process.stderr.isTTY === true;
  const timer = setInterval(
    () => {
      const seconds = Math.round((Date.now() - startedAtMs) / 1_000);
      const text = `Installing the dependencies, once ... ${countPackages()} packages, ${seconds} s`;
      process.stderr.write(isTerminal ? `\r\u001b[K${text}` : `${text}\n`);
    },
    isTerminal ? 1_000 : 15_000,
  );
  return () => {
    clearInterval(timer);
    if (isTerminal) process.stderr.write('\r\u001b[K');
  };
}

async function install() {
  if (isInstalled()) return done;
  console.error('Installing the dependencies, once. This takes about a minute.');
  writeFileSync(unfinished, '');
  // Development dependencies are wanted whatever NODE_ENV says: this is the workshop.
  const flags = ['--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  const endProgress = showProgress();
  const ended = await runChild('npm', ['ci', ...flags], { ...process.env, PATH: outerPath() });
  endProgress();
  if (ended.code === 0) {
    writeFileSync(stamp, wantedStamp());
    rmSync(unfinished);
  }
  return ended;
}

/** Generates worker-configuration.d.ts. It does not depend on `.dev.vars`: wrangler.toml names the secrets. */
async function generateTypes() {
  if (hasTypes()) return done;
  const env = { ...innerEnv(), CI: 'true', WRANGLER_SEND_METRICS: 'false', WRANGLER_LOG: 'error' };
  // Wrangler leaves a file alone whose header it recognizes. It prints the types; errors go to the terminal.
  rmSync(path.join(root, 'worker-configuration.d.ts'), { force: true });
  const ended = await runChild('wrangler', ['types'], env, ['ignore', 'ignore', 'inherit']);
  if (ended.code === 0) writeFileSync(typesStamp, wantedTypesStamp());
  return ended;
}

async function prepare() {
  if (isInstalled() && hasTypes()) return done;
  await takeLock();
  const release = () => rmSync(lock, { force: true });
  process.once('exit', release);
  try {
    const installed = await install();
    return installed.code === 0 ? await generateTypes() : installed;
  } finally {
    process.off('exit', release);
    release();
  }
}

/** Ends as the child ended, so that a shell sees the same exit code or signal. */
function endAs({ code, signal }) {
  if (signal === null) process.exit(code ?? 1);
  process.kill(process.pid, signal);
  setTimeout(() => process.exit(128 + (os.constants.signals[signal] ?? 0)), 1000);
}

async function main([program, ...args]) {
  if (program === undefined) {
    console.error('Usage: node dev/bootstrap.mjs <program> [arguments]');
    process.exit(2);
  }
  const prepared = await prepare();
  return endAs(prepared.code === 0 ? await runChild(program, args, innerEnv()) : prepared);
}

await main(process.argv.slice(2));
