import type { CreateExecutionRequest } from '../../contracts/api/executions.ts';
import type { ChatMessage } from '../../contracts/chat.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { worstCaseCharge } from '../providers/pricing.ts';
import { inputTokensBound } from '../providers/token-bound.ts';
import type { ReadyCandidate } from './candidates.ts';

/** Output a request may have when it does not say: enough for most answers, and it bounds what is reserved. */
const OUTPUT_TOKENS_DEFAULT = 1_024;

/** What will be asked of whom, and the most it can cost. */
export type Plan = {
  candidates: ReadyCandidate[];
  messages: ChatMessage[];
  max_output_tokens: number;
  input_tokens_bound: number;
  /** The most the execution can cost, whichever candidate answers. */
  worst_case_tokens: number;
};

const messagesOf = ({ prompt, messages }: CreateExecutionRequest): ChatMessage[] =>
  (messages ?? [{ role: 'user' as const, content: prompt ?? '' }]).map(({ role, content }) => ({
    role,
    content: [{ type: 'text', text: content }],
  }));

/**
 * Plans a request: candidates that can give that much output, and a reservation that covers the dearest of them. Pure.
 * Refuses more output than any candidate gives, and what costs more than an amount can say.
 */
export function planOf(
  request: CreateExecutionRequest,
  candidates: [ReadyCandidate, ...ReadyCandidate[]],
): Result<Plan, { code: 'invalid_request' | 'amount_out_of_range'; details: Record<string, unknown> }> {
  const limit = Math.max(...candidates.map(({ max_output_tokens }) => max_output_tokens));
  const max_output_tokens = request.max_output_tokens ?? Math.min(OUTPUT_TOKENS_DEFAULT, limit);
  const able = candidates.filter((candidate) => candidate.max_output_tokens >= max_output_tokens);
  if (able.length === 0) {
    const issues = [
      { field: 'max_output_tokens', rule: 'too_big', message: `This model's limit is ${limit}` },
    ];
    return fail({ code: 'invalid_request', details: { in: 'json', issues } });
  }
  const messages = messagesOf(request);
  const bounds = able.map(({ provider, provider_model }) =>
    inputTokensBound(provider.kind, { messages, model: provider_model, max_output_tokens }),
  );
  const input_tokens_bound = Math.max(...bounds);
  let worst_case_tokens = 1;
  for (const { price } of able) {
    const charge = worstCaseCharge(input_tokens_bound, max_output_tokens, price.wallet_tokens_per_1000);
    if (!charge.ok) return fail({ code: 'amount_out_of_range', details: { field: 'max_output_tokens' } });
    worst_case_tokens = Math.max(worst_case_tokens, charge.value);
  }
  return ok({ candidates: able, messages, max_output_tokens, input_tokens_bound, worst_case_tokens });
}
