#!/usr/bin/env node
// Runs `node dev/bootstrap.mjs <program> [arguments]` with everything in place: dependencies installed as the lockfile says,
// and node_modules/.bin first on PATH, so that the Node of the npm package `node` runs whatever Node the machine has.
// Plain JavaScript without dependencies, because it runs before there are any, on Node 20 or later.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = path.join(root, 'node_modules/.installed-lockfile');
const bin = path.join(root, 'node_modules/.bin');
const lock = path.join(root, '.data/installing');
const INSTALLING = 'installing';
const LOCK_STALE_MS = 15 * 60_000;
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** What the installed tree must match: the lockfile, and the machine the binaries were chosen for. */
function wantedStamp() {
  const lockfile = readFileSync(path.join(root, 'package-lock.json'));
  return `${createHash('sha256').update(lockfile).digest('hex')} ${process.platform}-${process.arch}`;
}

const readJson = (file) => JSON.parse(readFileSync(path.join(root, file), 'utf8'));

/** Whether somebody else, an `npm install` by hand, brought node_modules to what the lockfile says: npm notes what it did. */
function matchesLockfile() {
  const wanted = Object.entries(readJson('package-lock.json').packages);
  const installed = readJson('node_modules/.package-lock.json').packages;
  return wanted.every(
    ([name, { optional, integrity }]) =>
      name === '' || optional === true || (name in installed && installed[name].integrity === integrity),
  );
}

function isInstalled() {
  try {
    const stamped = readFileSync(stamp, 'utf8');
    if (stamped === wantedStamp()) return true;
    if (stamped === INSTALLING) return false;
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

/** Runs a child on our terminal and answers how it ended. Signals we get are its to handle; we outlive it. */
function runChild(command, args, env) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', env });
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

/** Whether whoever holds the lock is gone. A holder that has not written its pid yet is given a moment. */
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

/** One installation at a time: two `npm ci` in one folder destroy each other's work. */
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

/** A tree that an interruption left half unpacked looks whole to npm: such a one makes way. */
function removeHalfInstalled() {
  const modules = path.join(root, 'node_modules');
  const interrupted = existsSync(stamp) && readFileSync(stamp, 'utf8') === INSTALLING;
  if (interrupted || !existsSync(path.join(modules, '.package-lock.json'))) {
    rmSync(modules, { recursive: true, force: true });
  }
  mkdirSync(modules, { recursive: true });
  writeFileSync(stamp, INSTALLING);
}

async function install() {
  await takeLock();
  const release = () => rmSync(lock, { force: true });
  process.once('exit', release);
  try {
    if (isInstalled()) return { code: 0, signal: null };
    console.error('Installing the dependencies, once ...');
    removeHalfInstalled();
    // Not `npm ci`: it refuses a lockfile without the optional binaries of other platforms, which a lockfile made where the
    // registry has not got them lacks. This one installs what the lockfile says as exactly, and writes no file of ours.
    // Development dependencies are wanted whatever NODE_ENV says: this is the workshop.
    const flags = [
      '--no-save',
      '--include=dev',
      '--include=optional',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
    ];
    const ended = await runChild('npm', ['install', ...flags], { ...process.env, PATH: outerPath() });
    if (ended.code === 0) writeFileSync(stamp, wantedStamp());
    return ended;
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
  if (!isInstalled()) {
    const installed = await install();
    if (installed.code !== 0) return endAs(installed);
  }
  const PATH = [bin, outerPath()].join(path.delimiter);
  return endAs(await runChild(program, args, { ...process.env, PATH }));
}

await main(process.argv.slice(2));
