import type { ProviderKind } from '../contracts/usage.ts';
import type { ScriptedAnswer } from '../dev/simulators/script.ts';
import { startScriptedUpstream } from '../dev/simulators/scripted-upstream.ts';
import { add, MODELS, modelOf, named, PROVIDERS, priceOf } from '../test/support/catalog.ts';
import type { Client as Account } from '../test/support/demo.ts';
import { plainAnswers } from '../test/support/gateway-cases/case.ts';

/**
 * Models whose provider follows a script: each answers with one edit of a file, as coding assistants write it that take whole files. The
 * simulated providers cannot, since they answer with advice.
 */

/** The answer: the name of the file, and what it holds then. */
const EDIT = 'hello.txt\n```\nHello from the edit.\n```\n';

const withEdit = (text: string): string => text.replace('"ok"', () => JSON.stringify(EDIT));

/** Returns the script of a provider of a kind that answers with the edit. */
const answersOf = (kind: ProviderKind): ScriptedAnswer[] =>
  plainAnswers[kind].map(({ body, chunks, ...answer }) => ({
    ...answer,
    ...(body !== undefined && { body: JSON.parse(withEdit(JSON.stringify(body))) }),
    ...(chunks !== undefined && {
      chunks: chunks.map((piece) => (typeof piece === 'string' ? withEdit(piece) : piece)),
    }),
  }));

const versions: Record<ProviderKind, string> = { openai: '/v1', deepseek: '/v1', anthropic: '', google: '' };

/** Adds a scripted model for the kind of each model. Returns their names by the names of the models. */
export async function serveEdits(
  admin: Account,
  models: readonly string[],
): Promise<{ names: Map<string, string>; stop(): Promise<void> }> {
  const upstream = await startScriptedUpstream();
  const names = new Map<string, string>();
  const { items } = (await admin.get('/api/ai/models')).body;
  for (const model of models) {
    const found = items.find(({ name }: { name: string }) => name === model);
    const kind: ProviderKind = found.providers[0].kind;
    const { id, base_url } = upstream.add({ answers: answersOf(kind) });
    const provider = await add(admin, PROVIDERS, {
      ...{ name: named('scripted'), kind, api_key: `sk-${id}`, test_model: 'm' },
      base_url: `${base_url}${versions[kind]}`,
    });
    // Assistants split the name of a model at its first slash.
    const public_name = `edits-${kind}-${id.slice(0, 8)}`;
    const fields = { public_name, context_window_tokens: 200_000, max_output_tokens: 8_000 };
    const added = await add(admin, MODELS, modelOf(provider.id, { ...fields, provider_model: 'm' }));
    await add(admin, `${MODELS}/${added.id}/prices`, priceOf(4_000));
    names.set(model, public_name);
  }
  return { names, stop: () => upstream.stop() };
}
