import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { apiDocument } from '../worker/http/app.ts';

/**
 * `npm run check:openapi`: writes the API's document and proves that official generators make code of it that compiles.
 * openapi-typescript and tsc; openapi-generator for typescript-fetch (tsc), go (go build) and python (compileall, and every module
 * imported). Needs Java 11 or newer, Go, Python 3 and the package registries; the generator itself is fetched by Maven, or is the file
 * that OPENAPI_GENERATOR_JAR names. Nothing is installed outside a temporary folder, which stays when a step fails.
 */

const OPENAPI_TYPESCRIPT = 'openapi-typescript@7.13.0';
/** openapi-typescript does not take the project's own TypeScript 6 yet. */
const TYPESCRIPT = 'typescript@5.9.3';
const GENERATOR = '7.17.0';

const folder = mkdtempSync(path.join(tmpdir(), 'openapi-clients-'));
const documentFile = path.join(folder, 'openapi.json');

/** A step that did not succeed; its message is for the person who runs the check. */
class StepFailed extends Error {}

function run(cwd: string, needs: string, command: string, ...args: string[]): void {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (error !== undefined)
    throw new StepFailed(`${command} did not start (${error.message}). Install ${needs}.`);
  if (status !== 0) throw new StepFailed(`${command} ${args.join(' ')}\n${stdout}${stderr}`.slice(-6_000));
}

const tsconfig = {
  compilerOptions: {
    strict: true,
    target: 'es2022',
    module: 'esnext',
    moduleResolution: 'bundler',
    lib: ['es2022', 'dom'],
    types: [],
    noEmit: true,
  },
  include: ['**/*.ts'],
};

function compileTypeScript(cwd: string): void {
  writeFileSync(path.join(cwd, 'tsconfig.json'), JSON.stringify(tsconfig));
  run(cwd, 'Node and npm', path.join(folder, 'node_modules/.bin/tsc'), '-p', '.');
}

/** Returns the generator's jar: the one that was named, or the one in Maven's own repository, fetched when it is missing. */
function generatorJar(): string {
  const { OPENAPI_GENERATOR_JAR: named } = process.env;
  if (named !== undefined) return named;
  const name = `org/openapitools/openapi-generator-cli/${GENERATOR}/openapi-generator-cli-${GENERATOR}.jar`;
  const jar = path.join(homedir(), '.m2/repository', name);
  const artifact = `-Dartifact=org.openapitools:openapi-generator-cli:${GENERATOR}`;
  const needs = 'Maven, or set OPENAPI_GENERATOR_JAR to an openapi-generator-cli jar';
  if (!existsSync(jar)) run(folder, needs, 'mvn', '-q', 'dependency:get', artifact, '-Dtransitive=false');
  return jar;
}

/** Generates a client and returns its folder. */
function generate(generator: string): string {
  const output = path.join(folder, generator);
  const args = ['generate', '-i', documentFile, '-g', generator, '-o', output];
  run(folder, 'Java 11 or newer', 'java', '-jar', generatorJar(), ...args);
  return output;
}

const IMPORT_ALL = `
import importlib, pkgutil, openapi_client
for module in pkgutil.walk_packages(openapi_client.__path__, "openapi_client."):
    importlib.import_module(module.name)
`;

const steps: [name: string, step: () => void][] = [
  [
    'openapi-typescript: tsc',
    () => {
      run(folder, 'Node and npm', 'npm', 'init', '-y');
      run(
        folder,
        'Node and npm',
        'npm',
        'install',
        '--no-audit',
        '--no-fund',
        OPENAPI_TYPESCRIPT,
        TYPESCRIPT,
      );
      const output = path.join(folder, 'openapi-typescript');
      mkdirSync(output);
      const bin = path.join(folder, 'node_modules/.bin/openapi-typescript');
      run(folder, 'Node and npm', bin, documentFile, '-o', path.join(output, 'api.ts'));
      compileTypeScript(output);
    },
  ],
  ['openapi-generator typescript-fetch: tsc', () => compileTypeScript(generate('typescript-fetch'))],
  [
    'openapi-generator go: go build',
    () => {
      const output = generate('go');
      run(output, 'Go', 'go', 'mod', 'tidy');
      run(output, 'Go', 'go', 'build', './...');
    },
  ],
  [
    'openapi-generator python: compileall and import',
    () => {
      const output = generate('python');
      run(output, 'Python 3', 'python3', '-m', 'compileall', '-q', 'openapi_client');
      run(output, 'Python 3 with venv', 'python3', '-m', 'venv', 'venv');
      const python = path.join(output, 'venv/bin/python');
      run(output, 'Python 3', python, '-m', 'pip', 'install', '-q', '-r', 'requirements.txt');
      run(output, 'Python 3', python, '-c', IMPORT_ALL);
    },
  ],
];

function passes([name, step]: (typeof steps)[number]): boolean {
  try {
    step();
    console.log(`ok      ${name}`);
    return true;
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    console.log(`FAILED  ${name}\n${error.message}`);
    return false;
  }
}

const text = JSON.stringify(apiDocument('https://ai.example.com'));
writeFileSync(documentFile, text);
console.log(`The document has ${text.length.toLocaleString('en')} characters.`);
const failed = steps.filter((step) => !passes(step)).length;
console.log(`${steps.length - failed} passed, ${failed} failed`);
if (failed === 0) rmSync(folder, { recursive: true });
else console.log(`The generated code is in ${folder}.`);
process.exitCode = failed === 0 ? 0 : 1;
