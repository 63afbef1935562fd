import type { ProviderKind } from '../../../contracts/usage.ts';
import { hasFiles } from '../chat/conversation.ts';
import type { InputCount, NeutralRequest } from '../provider.ts';
import { type AddedTokens, inputTokensBound, type Measure } from './token-bound.ts';
import { TokenCounter } from './tokenizer.ts';

/** Counts the input of a request with a tokenizer, for providers without an endpoint that counts. */

/** OpenAI's models since GPT-4o. Before it they had another tokenizer; gpt-oss writes a preamble of its own. */
const o200kModels = /(?:^|\/)(?:gpt-(?:4o|4\.\d|[5-9]|\d\d)|o\d|chatgpt)/i;

/** Returns true if a model of a provider of this kind is counted exactly. Pure. */
export const isCountedExactly = (kind: ProviderKind, provider_model: string): boolean =>
  kind === 'openai' && o200kModels.test(provider_model);

/**
 * The tokens that OpenAI's format adds: 3 tokens for a request and for each message, and 1 for a name. Tools are written as types, which have fewer
 * tokens than their JSON (cookbook.openai.com/examples/how_to_count_tokens_with_tiktoken, November 2026).
 */
const OPENAI_ADDED: AddedTokens = {
  ...{ request: 8, message: 4, part: 1, call: 8, tool: 12 },
  ...{ tools: 64, format: 32 },
};

/** The tokens that templates of other models add: a preamble with the date, and instructions about tools of some hundred tokens. */
const TEMPLATE_ADDED: AddedTokens = {
  ...{ request: 96, message: 8, part: 2, call: 16, tool: 32 },
  ...{ tools: 512, format: 128 },
};

/** The tokens of other vocabularies for each of o200k_base. Those of current models need up to a fifth more. */
export const OTHER_VOCABULARY = 1.25;

function measureOf(counter: TokenCounter, { isExact }: { isExact: boolean }): Measure {
  const factor = isExact ? 1 : OTHER_VOCABULARY;
  const text = (said: string) => Math.ceil(factor * counter.count(said));
  return {
    added: isExact ? OPENAI_ADDED : TEMPLATE_ADDED,
    text,
    json: (value) => text(typeof value === 'string' ? value : (JSON.stringify(value) ?? 'null')),
    wrapped: () => 0,
  };
}

/**
 * Returns the input tokens of a request by o200k_base: those of the model itself, if it has that tokenizer, else a quarter more than
 * those. Images count as their bound.
 */
export async function countByTokenizer(kind: ProviderKind, request: NeutralRequest): Promise<number> {
  const isExact = isCountedExactly(kind, request.model);
  return inputTokensBound(kind, request, measureOf(await TokenCounter.load(), { isExact }));
}

/** Returns the same as a count. Null for a request with a file, which no tokenizer reads. */
export const tokenizerCount = async (
  kind: ProviderKind,
  request: NeutralRequest,
): Promise<InputCount | null> =>
  hasFiles(request) ? null : { tokens: await countByTokenizer(kind, request), source: 'tokenizer' };

/** Anthropic documents that a message may have a few tokens more than its endpoint counts. */
const COUNT_SLACK = { tokens: 16, share: 0.02 };

/** Returns the tokens to hold for a counted input. Pure. */
export const heldTokensOf = ({ tokens, source }: InputCount): number =>
  source === 'provider' ? tokens + COUNT_SLACK.tokens + Math.ceil(tokens * COUNT_SLACK.share) : tokens;
