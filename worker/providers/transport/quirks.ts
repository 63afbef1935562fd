import { BoundedMap } from '../../../contracts/bounded-map.ts';
import type { ProviderFailure } from '../provider.ts';
import { type Adjustment, adjusted, hasField, hasInstructions } from './adjustments.ts';

/**
 * Quirks of servers: parameters and fields that they refuse although most take them. A refusal that a quirk explains is followed by the
 * same request without it, within the same attempt, and remembered.
 */

/** Parameters that are left out when a server refuses them. Of two that exclude each other, the first is. */
const optional = [
  ...['stream_options', 'top_k', 'topK', 'top_p', 'topP', 'temperature'],
  ...['frequency_penalty', 'frequencyPenalty', 'presence_penalty', 'presencePenalty'],
  ...['thinkingConfig', 'context_management', 'betas', 'encoding_format', 'stream_format'],
];

/** Fields of messages and tools that are left out when a server refuses them: hints, and what a model said beside its text. */
const optionalFields = [
  ...[
    'reasoning_content',
    'reasoning_details',
    'thinking_blocks',
    'extra_content',
    'cache_control',
    'strict',
  ],
];

/** Other words for parameters, in which Google, vLLM and servers of Anthropic's API refuse them. */
const otherNames: Record<string, RegExp> = {
  thinkingConfig: /thinking (is|budget|level|config)/i,
  frequencyPenalty: /\bpenalty is\b/i,
  presencePenalty: /\bpenalty is\b/i,
  betas: /anthropic-beta|\bbeta (header|flag|feature)/i,
  // vLLM: "base64 encoding is not currently supported" (vllm-project/vllm#5734).
  encoding_format: /\bbase64\b/i,
};

/** The other name of the output limit. */
const otherLimit = new Map([
  ['max_tokens', 'max_completion_tokens'],
  ['max_completion_tokens', 'max_tokens'],
]);

/** Words for a parameter that a server does not take, other than for a value that is out of range. */
const refused =
  /not (currently )?support|not enabled|unsupported|unknown|unrecognized|unexpected|not permitted|not allowed|extra_forbidden|extra (inputs|fields|parameter)|deprecated|no longer|cannot both|additional propert|does not (take|accept)|not available|invalid beta|invalid (parameter|argument|field)\b(?! value)|only the default|only [\d.]+ is allowed|may only be set to|please remove/i;

/** Refusals of reasoning that another server or account signed. */
const foreignReasoning =
  /invalid[`'" ]+signature[`'" ]+in[`'" ]+thinking|thinking.{0,60}blocks.{0,60}cannot be modified/i;

/** Refusals of instructions between the turns of a conversation. */
const instructionsRefused = /\brole\b.{0,12}\bsystem\b.{0,30}not supported|unexpected role.{0,6}system/i;

/** A parameter's name in any spelling: `presence_penalty`, `presencePenalty`. */
const folded = (text: string): string => text.toLowerCase().replaceAll('_', '');

/** True when a message names a parameter. */
const namesParameter = (message: string, name: string): boolean =>
  new RegExp(`(?<![a-z])${folded(name)}(?![a-z])`).test(folded(message)) ||
  otherNames[name]?.test(message) === true;

/**
 * The adjustment with which a server that refused a body may take it; null when no known quirk explains the refusal. Refusals of
 * temperature beside top_p keep the temperature. Pure.
 */
export function quirkOf({ kind, status, message }: ProviderFailure, body: object): Adjustment | null {
  if (kind !== 'invalid_request' || (status !== 400 && status !== 422)) return null;
  if (foreignReasoning.test(message)) return { drop_blocks: 'thinking' };
  if ('messages' in body && hasInstructions(body.messages) && instructionsRefused.test(message))
    return { turn_role: 'system' };
  if (!refused.test(message)) return null;
  const isNamed = (name: string) => namesParameter(message, name);
  const fields = optionalFields.filter((name) => hasField(body, name));
  const field = fields.find(isNamed);
  if (field !== undefined) return { drop_field: field };
  const sent = [...optional, ...otherLimit.keys()].filter((name) => name in body);
  const first = sent.find(isNamed);
  const other = otherLimit.get(first ?? '');
  if (first !== undefined) return other === undefined ? { drop: first } : { rename: first, to: other };
  return /extra/i.test(message) ? unnamedQuirk(body, fields) : null;
}

/** Some servers do not say which parameter is unknown. Those that the request itself does not need are tried. */
function unnamedQuirk(body: object, [field]: string[]): Adjustment | null {
  if ('stream_options' in body) return { drop: 'stream_options' };
  return field === undefined ? null : { drop_field: field };
}

/** Providers' models whose quirks an isolate remembers, the kinds of requests of each, and the most quirks of one. */
const REMEMBERED_MAX = 2_000;
const SHAPES_MAX = 50;
const QUIRKS_MAX = 8;

type Shapes = BoundedMap<string, readonly Adjustment[]>;

/** Quirks by provider and model, since models of one server differ, and by the shape of the request. */
const remembered = new BoundedMap<string, Shapes>(REMEMBERED_MAX);

/** The provider and model whose quirks are remembered. `provider_id` is unique among all tenants. */
export type QuirkOwner = { provider_id: string; model: string };

const nameOf = ({ provider_id, model }: QuirkOwner): string => JSON.stringify([provider_id, model]);

/**
 * The parameters of a request, and the values of those that can be left out: a server may refuse one value, or one beside another. What
 * one request taught then changes no request that the server would take.
 */
const shapeOf = (body: object): string =>
  JSON.stringify(
    Object.entries(body)
      .map(([name, value]) => (isValued(name) ? [name, value] : [name]))
      .sort(([one], [other]) => (String(one) < String(other) ? -1 : 1)),
  );

const isValued = (name: string): boolean =>
  optional.includes(name) || ['reasoning_effort', 'thinking'].includes(name);

/** The quirks that a provider's model has shown in this isolate. */
export const quirksOf = (owner: QuirkOwner): readonly Adjustment[] => {
  const all = [...(remembered.get(nameOf(owner))?.values() ?? [])].flat();
  return all.filter((quirk, at) => all.findIndex((one) => areSame(one, quirk)) === at);
};

function remember(owner: QuirkOwner, shape: string, quirks: readonly Adjustment[]): void {
  const shapes: Shapes = remembered.get(nameOf(owner)) ?? new BoundedMap(SHAPES_MAX);
  // Reasoning that another server signed is a matter of one conversation.
  shapes.set(
    shape,
    quirks.filter((quirk) => !('drop_blocks' in quirk)),
  );
  remembered.set(nameOf(owner), shapes);
}

/** True when both adjust the same: a parameter or field that is left out, or the name of the output limit. */
const areSame = (one: Adjustment, other: Adjustment): boolean =>
  ('rename' in one && 'rename' in other) || JSON.stringify(one) === JSON.stringify(other);

/**
 * Posts a body without the quirks that are known of the provider. A refusal that a further quirk explains is posted once more without
 * it, and the quirk is remembered when that is taken. Each quirk is tried once. Rejects as `post` does.
 */
export async function postAdjusted(
  owner: QuirkOwner,
  body: object,
  post: (body: object) => Promise<Response>,
  readError: (error: unknown, now_ms: number) => ProviderFailure,
): Promise<Response> {
  const shape = shapeOf(body);
  const known = remembered.get(nameOf(owner))?.get(shape) ?? [];
  const learned: Adjustment[] = [];
  while (true) {
    const sent = adjusted(body, [...known, ...learned]);
    try {
      const response = await post(sent);
      if (learned.length > 0) remember(owner, shape, [...known, ...learned]);
      return response;
    } catch (error) {
      const quirk = quirkOf(readError(error, Date.now()), sent);
      const isNew = quirk !== null && !learned.some((one) => areSame(one, quirk));
      if (!isNew || known.length + learned.length === QUIRKS_MAX) throw error;
      learned.push(quirk);
    }
  }
}
