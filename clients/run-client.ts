import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { z } from 'zod';
import { EMBEDDING_MODEL } from './catalog.ts';
import type { Installed } from './install.ts';

/** Longer than the features of any client take. */
const LIMIT_MS = 300_000;

const feature = z.object({ feature: z.string(), ok: z.boolean(), detail: z.string() });
export type FeatureResult = z.infer<typeof feature>;

/** Parses the lines of a program. Lines that are no results are a client's own output. */
export const resultsIn = (printed: string): FeatureResult[] =>
  printed.split('\n').flatMap((line) => {
    if (!line.startsWith('{')) return [];
    const parsed = feature.safeParse(JSON.parse(line));
    return parsed.success ? [parsed.data] : [];
  });

/** The address and key of the gateway, and the models to ask: one for a chat, and one that answers with an edit of a file. */
export type Where = { origin: string; key: string; model: string; edit_model: string };

/** Runs a client's program on one model. A program that breaks down is a failure of the feature `start`. */
export async function runClient(
  { command, args, variables }: Installed,
  where: Where,
): Promise<FeatureResult[]> {
  const child = spawn(command, args, {
    env: {
      ...process.env,
      ...variables,
      CLIENT_ORIGIN: where.origin,
      CLIENT_KEY: where.key,
      CLIENT_MODEL: where.model,
      CLIENT_EDIT_MODEL: where.edit_model,
      CLIENT_EMBEDDING_MODEL: EMBEDDING_MODEL,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
  });
  let printed = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    printed += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    errors = (errors + text).slice(-4_000);
  });
  const [exitCode] = await once(child, 'close');
  const results = resultsIn(printed);
  if (exitCode === 0 && results.length > 0) return results;
  return [...results, { feature: 'start', ok: false, detail: `It ended with ${exitCode}. ${errors}` }];
}
