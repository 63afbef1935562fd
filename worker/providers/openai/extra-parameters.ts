/**
 * Parameters of OpenAI's API that we do not know and pass on. What a reservation rests on is not theirs to change: which
 * model answers, how often, how long, at which price, and in what form. Pure; docs/providers.md says why for each.
 */

/** Never passed on. The values beside a name change nothing, so with them it is left out; with any other it is refused. */
const withheld = new Map<string, readonly unknown[]>([
  // What we send ourselves.
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
  // More answers than one, each paid for, of which only the first would be seen.
  ['n', [1]],
  ['best_of', [1]],
  ['use_beam_search', [false]],
  ['n_cmpl', [1]],
  // Prompts of another form than the one that was bounded.
  ['prompt_logprobs', [false, 0]],
  // Many times as long as the answer, of which we keep the text.
  ['logprobs', [false]],
  ['top_logprobs', [0]],
  ['chat_template', []],
  // Another price, or another model's.
  ['service_tier', ['auto', 'default']],
  ['models', []],
  ['route', []],
  ['provider', []],
  ['preset', []],
  ['fallbacks', []],
  ['extra_body', []],
  ['api_base', []],
  // Billed beside the tokens, or tokens beyond the limits.
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
  // Older names of tools: their calls come in a form that we do not read.
  ['functions', []],
  ['function_call', []],
  // Whether an answer is kept is the tenant's to say.
  ['store', [false]],
]);

/** Text is what we read; a list that names nothing else is the default. */
const isTextOnly = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 1 && value[0] === 'text';

/**
 * The name as servers written in Go take it, which are many: `encoding/json` finds fields whatever the case of their letters, by
 * Unicode's simple folding.
 */
const folded = (name: string): string => name.toUpperCase().toLowerCase();

function isRefused(name: string, value: unknown): boolean {
  const harmless = withheld.get(folded(name));
  if (harmless === undefined || value === null || value === undefined) return false;
  return !harmless.includes(value) && !(name === 'modalities' && isTextOnly(value));
}

/** The first parameter that is neither passed on nor harmless; null when there is none. */
export function refusedParameter(extra: Record<string, unknown> | undefined): string | null {
  const refused = Object.entries(extra ?? {}).find(([name, value]) => isRefused(name, value));
  return refused?.[0] ?? null;
}

/** The parameters that are passed on, as they are. */
export const passedOn = (extra: Record<string, unknown> | undefined): Record<string, unknown> =>
  Object.fromEntries(Object.entries(extra ?? {}).filter(([name]) => !withheld.has(folded(name))));
