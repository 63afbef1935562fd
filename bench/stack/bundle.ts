import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { experimental_readRawConfig as readWranglerConfig } from 'wrangler';

const run = promisify(execFile);

/** Environment of wrangler: no prompts, no telemetry, and nothing on the terminal but errors. */
const quiet = { CI: 'true', NO_COLOR: '1', WRANGLER_SEND_METRICS: 'false', WRANGLER_LOG: 'error' };

/** The Worker as it is deployed: its bundle, and a configuration without secrets and web files. */
export type Bundle = { script: string; config: string };

/** Builds the bundle that `wrangler deploy` would upload, into `folder`. `entry` is its program, instead of wrangler.toml's. */
export async function buildBundle(root: string, folder: string, entry: string): Promise<Bundle> {
  const { rawConfig } = readWranglerConfig({ config: path.join(root, 'wrangler.toml') });
  const { secrets: _required, assets: _web, ...rest } = rawConfig;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const config = path.join(folder, 'wrangler.json');
  await writeFile(config, JSON.stringify({ ...rest, main: entry }, null, 2));
  const wrangler = path.join(root, 'node_modules/wrangler/bin/wrangler.js');
  const outdir = path.join(folder, 'bundle');
  await run(process.execPath, [wrangler, 'deploy', '--dry-run', '--config', config, '--outdir', outdir], {
    cwd: root,
    env: { ...process.env, ...quiet, WRANGLER_LOG_PATH: path.join(folder, 'logs') },
  });
  return { script: path.join(outdir, `${path.basename(entry, '.ts')}.js`), config };
}
