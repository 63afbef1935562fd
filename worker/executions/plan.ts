import type { CreateExecutionRequest, Message } from '../../contracts/api/executions.ts';
import type { Capability, ChatMessage, ChatOptions } from '../../contracts/chat.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { ReadyCandidate } from '../catalog/candidates.ts';
import { needsOf, unsupportedBy } from '../providers/capabilities.ts';
import { worstCaseCharge } from '../providers/metering/pricing.ts';
import { inputTokensBound } from '../providers/metering/token-bound.ts';
import { refusedParameter } from '../providers/openai/extra-parameters.ts';
import type { NeutralRequest } from '../providers/provider.ts';

/**
 * Output a request may have when it does not say: enough for most answers. It bounds what is held while one runs, and so how many may run
 * at once, and how long a silent provider is waited for. Less, down to `min`, where a model's limit or the balance is lower.
 */
const OUTPUT_TOKENS_DEFAULT = { min: 1_024, max: 2_048 };
/** Fitted to less than this, an answer would say nothing. */
const FITTED_OUTPUT_TOKENS_MIN = 16;

/** What is asked, in the neutral form all surfaces share. */
export type PlanRequest = { model: string; max_output_tokens?: number | undefined; chat: ChatOptions };

/** A candidate that can do what is asked, and the most prompt tokens it can count. */
export type PlannedCandidate = ReadyCandidate & { input_tokens_bound: number };

/** What will be asked of whom, and the most it can cost. */
export type Plan = {
  candidates: [PlannedCandidate, ...PlannedCandidate[]];
  chat: ChatOptions;
  max_output_tokens: number;
  /** The most the execution can cost, whichever candidate answers. */
  worst_case_tokens: number;
  /** The output limit was lowered to what the balance covers. */
  fitted: boolean;
};

type PlanFailure = {
  code: 'invalid_request' | 'amount_out_of_range';
  message?: string;
  details: Record<string, unknown>;
};

const refused = (field: string, rule: string, message: string) =>
  fail({
    code: 'invalid_request' as const,
    message: `${field}: ${message}`,
    details: { in: 'json', issues: [{ field, rule, message }] },
  });

const partsOf = <Part>(content: string | Part[]): (Part | { type: 'text'; text: string })[] =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : content;

const chatMessageOf = (message: Message) =>
  ({ ...message, content: partsOf(message.content as string | never[]) }) as ChatMessage;

/** A request of our own API in the neutral form. Pure. */
export function chatOfRequest(request: CreateExecutionRequest): PlanRequest {
  const {
    model,
    prompt,
    messages,
    max_output_tokens,
    stream: _stream,
    fit_to_balance: _fit,
    background: _background,
    fallback: _fallback,
    ...options
  } = request;
  const turns = messages ?? [{ role: 'user' as const, content: prompt ?? '' }];
  return { model, max_output_tokens, chat: { ...options, messages: turns.map(chatMessageOf) } };
}

/** The output limit of a request that names none: one that no candidate is left out for which can give a fair answer. */
function defaultOutputTokens(limits: number[]): number {
  const fair = limits.filter((limit) => limit >= OUTPUT_TOKENS_DEFAULT.min);
  return Math.min(OUTPUT_TOKENS_DEFAULT.max, fair.length > 0 ? Math.min(...fair) : Math.max(...limits));
}

/** What a candidate is asked. */
export const neutralRequestOf = (
  { chat, max_output_tokens }: Pick<Plan, 'chat' | 'max_output_tokens'>,
  { provider_model }: ReadyCandidate,
): NeutralRequest => ({ ...chat, model: provider_model, max_output_tokens });

const lacks: Record<Capability, string> = {
  images: 'This model takes no images',
  image_urls: 'This model takes images as base64, not by URL',
  tools: 'This model takes no tools',
  json_object: 'This model does not answer JSON on request',
  json_schema: 'This model does not answer JSON of a schema',
};

/** Why a candidate cannot do what is asked: its kind cannot, or whoever governs the catalog says that the model cannot. */
function obstacleTo(request: NeutralRequest, { provider, capabilities }: ReadyCandidate): string | null {
  const lacking = needsOf(request).find((need) => capabilities[need] === false);
  return lacking === undefined ? unsupportedBy(provider.kind, request) : lacks[lacking];
}

/** The most any of the candidates can be charged for, or null when that is more than an amount can say. */
function worstCaseOf(candidates: PlannedCandidate[], max_output_tokens: number): number | null {
  let worst = 1;
  for (const { price, input_tokens_bound } of candidates) {
    const charge = worstCaseCharge(input_tokens_bound, max_output_tokens, price.wallet_tokens_per_1000);
    if (!charge.ok) return null;
    worst = Math.max(worst, charge.value);
  }
  return worst;
}

/**
 * Plans a request: candidates that can do what it asks and give that much output, and a reservation that covers the dearest of
 * them. Pure. Refuses what no candidate can do, and what costs more than an amount can say.
 */
export function planOf(
  request: PlanRequest,
  candidates: [ReadyCandidate, ...ReadyCandidate[]],
): Result<Plan, PlanFailure> {
  const parameter = refusedParameter(request.chat.extra);
  if (parameter !== null) return refused(parameter, 'unsupported', 'This parameter is not supported');
  const limits = candidates.map(({ max_output_tokens }) => max_output_tokens);
  const limit = Math.max(...limits);
  const max_output_tokens = request.max_output_tokens ?? defaultOutputTokens(limits);
  if (max_output_tokens > limit)
    return refused('max_output_tokens', 'too_big', `This model's limit is ${limit}`);
  const asked = { chat: request.chat, max_output_tokens };
  const obstacles = candidates.map((candidate) => obstacleTo(neutralRequestOf(asked, candidate), candidate));
  const [first, ...rest] = candidates
    .filter(
      (candidate, index) => obstacles[index] === null && candidate.max_output_tokens >= max_output_tokens,
    )
    .map((candidate) => ({
      ...candidate,
      input_tokens_bound: inputTokensBound(candidate.provider.kind, neutralRequestOf(asked, candidate)),
    }));
  if (first === undefined) {
    const reason = obstacles.find((obstacle) => obstacle !== null) ?? 'No provider of this model can do this';
    return refused('model', 'unsupported', reason);
  }
  const worst_case_tokens = worstCaseOf([first, ...rest], max_output_tokens);
  if (worst_case_tokens === null)
    return fail({ code: 'amount_out_of_range', details: { field: 'max_output_tokens' } });
  return ok({ candidates: [first, ...rest], ...asked, worst_case_tokens, fitted: false });
}

/**
 * The least that a request's output limit may be lowered to, so that the balance covers it: nobody who named a limit is given less,
 * unless they asked for that. Pure.
 */
export const leastOutputTokens = (request: Pick<PlanRequest, 'max_output_tokens'>, fits: boolean): number =>
  fits ? FITTED_OUTPUT_TOKENS_MIN : (request.max_output_tokens ?? OUTPUT_TOKENS_DEFAULT.min);

/**
 * The same plan with the highest output limit that `available` wallet tokens cover; null when that is less than `least` tokens.
 * Pure. The charge grows with the limit, so halving finds it.
 */
export function fitToBalance(plan: Plan, available: number, least: number): Plan | null {
  const worstCase = (limit: number) => worstCaseOf(plan.candidates, limit) ?? Number.POSITIVE_INFINITY;
  let fits = least - 1;
  let exceeds = plan.max_output_tokens + 1;
  while (exceeds - fits > 1) {
    const middle = Math.floor((fits + exceeds) / 2);
    if (worstCase(middle) <= available) fits = middle;
    else exceeds = middle;
  }
  if (fits < least) return null;
  return { ...plan, max_output_tokens: fits, worst_case_tokens: worstCase(fits), fitted: true };
}
