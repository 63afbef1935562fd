import { isKnownParameter } from './known-parameters.ts';

/**
 * The parameters of a request that have no field in the neutral form (`extra`). Those that known-parameters.ts or a provider's settings
 * name are passed on; any other is refused by name. Pure. docs/providers.md gives the reason for each name.
 */

/** The parameters that are never passed on, whatever a provider's settings name: they change what a reservation depends on. With one of the harmless values beside its name one is left out, else refused. */
const withheld = new Map<string, readonly unknown[]>([
  // Sent from the neutral request.
  ['model', []],
  ['messages', []],
  ['tools', []],
  ['tool_choice', []],
  ['parallel_tool_calls', []],
  ['response_format', []],
  ['temperature', []],
  ['top_p', []],
  ['stop', []],
  ['stream', []],
  ['stream_options', []],
  ['max_tokens', []],
  ['max_completion_tokens', []],
  ['max_output_tokens', []],
  ['n_predict', []],
  ['num_predict', []],
  ['max_new_tokens', []],
  // Several answers, each charged, of which only the first is read.
  ['n', [1]],
  ['best_of', [1]],
  ['use_beam_search', [false]],
  ['n_cmpl', [1]],
  // Prompts in another form than the one that was bounded.
  ['prompt_logprobs', [false, 0]],
  // Many times as long as the answer, of which only the text is kept.
  ['logprobs', [false]],
  ['top_logprobs', [0]],
  ['chat_template', []],
  // Another price, or another model.
  ['service_tier', ['auto', 'default']],
  ['models', []],
  ['route', []],
  ['provider', []],
  ['preset', []],
  ['fallbacks', []],
  ['extra_body', []],
  ['api_base', []],
  // Billed apart from tokens, or tokens beyond the limits.
  ['web_search_options', []],
  ['search_parameters', []],
  ['search_options', []],
  ['search_settings', []],
  ['enable_search', [false]],
  ['data_sources', []],
  ['compound_custom', []],
  ['plugins', []],
  ['prediction', []],
  ['audio', []],
  ['modalities', []],
  // Older names of tools: their calls have a form that is not read.
  ['functions', []],
  ['function_call', []],
  // The tenant decides if answers are kept.
  ['store', [false]],
]);

/** True for the default of `modalities`: text alone. */
const isTextOnly = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 1 && value[0] === 'text';

/**
 * The name with its case folded. Many servers are written in Go, whose `encoding/json` matches field names by Unicode's simple
 * case folding.
 */
const folded = (name: string): string => name.toUpperCase().toLowerCase();

function isRefused(name: string, value: unknown): boolean {
  const harmless = withheld.get(folded(name));
  if (harmless === undefined || value === null || value === undefined) return false;
  return !harmless.includes(value) && !(name === 'modalities' && isTextOnly(value));
}

type Extra = Record<string, unknown> | undefined;

/** The first parameter that no provider may get; null when there is none. */
export function withheldParameter(extra: Extra): string | null {
  const refused = Object.entries(extra ?? {}).find(([name, value]) => isRefused(name, value));
  return refused?.[0] ?? null;
}

const isAllowed = (name: string, allowed: readonly string[]): boolean =>
  isKnownParameter(name) || allowed.includes(name);

/** The first parameter that is refused: withheld, or neither known nor among those that a provider's settings allow. Null when none is. */
export function refusedParameter(extra: Extra, allowed: readonly string[] = []): string | null {
  const unknown = Object.entries(extra ?? {}).find(
    ([name, value]) =>
      value !== null && value !== undefined && !withheld.has(folded(name)) && !isAllowed(name, allowed),
  );
  return withheldParameter(extra) ?? unknown?.[0] ?? null;
}

/** The parameters that a provider gets, unchanged: known ones, and those that its settings allow. */
export const passedOn = (extra: Extra, allowed: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(extra ?? {}).filter(([name]) => !withheld.has(folded(name)) && isAllowed(name, allowed)),
  );

/** The parameters that some provider may get, whatever its settings: they count towards the bound of the prompt. */
export const boundedExtra = (extra: Extra): Record<string, unknown> =>
  Object.fromEntries(Object.entries(extra ?? {}).filter(([name]) => !withheld.has(folded(name))));
