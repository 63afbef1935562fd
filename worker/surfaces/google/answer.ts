import type { CreateExecutionResponse } from '../../../contracts/api/executions.ts';
import { answerTokensOf, promptTokensOf } from '../../../contracts/catalog/price.ts';
import type { ReasoningPart, ToolCall } from '../../../contracts/chat/chat.ts';
import type { Usage } from '../../../contracts/usage.ts';
import type {
  GenerateContentResponse,
  GoogleAnswerPart,
  GoogleUsage,
} from '../../../contracts/v1beta/generate-content-answer.ts';
import { blocksInOrder } from '../../providers/chat/order.ts';
import { argumentsObject } from '../../providers/chat/tool-calls.ts';
import { signatureOf } from '../../providers/google/contents.ts';
import { thoughtSignatureOf } from './signatures.ts';

/** Answers in the format of Google's generateContent. Pure. */

/** The head of an answer, and whether its thoughts are shown. */
export type Head = { execution_id: string; model: string; shows_thoughts: boolean };

/** Google counts the answer without its thoughts, and cached tokens as part of the prompt. */
export function usageOf(usage: Usage): GoogleUsage {
  const promptTokenCount = promptTokensOf(usage);
  const output = answerTokensOf(usage);
  const { cache_read_tokens, reasoning_tokens, input_image_tokens = 0, input_audio_tokens = 0 } = usage;
  const text = Math.max(0, promptTokenCount - input_image_tokens - input_audio_tokens);
  const details = [
    { modality: 'TEXT' as const, tokenCount: text },
    { modality: 'IMAGE' as const, tokenCount: input_image_tokens },
    { modality: 'AUDIO' as const, tokenCount: input_audio_tokens },
  ];
  return {
    promptTokenCount,
    ...(cache_read_tokens > 0 && { cachedContentTokenCount: cache_read_tokens }),
    candidatesTokenCount: Math.max(0, output - reasoning_tokens),
    ...(reasoning_tokens > 0 && { thoughtsTokenCount: reasoning_tokens }),
    totalTokenCount: promptTokenCount + output,
    promptTokensDetails: details.filter(({ tokenCount }) => tokenCount > 0),
  };
}

const signedBy = (thoughtSignature: string | null) => (thoughtSignature === null ? {} : { thoughtSignature });

/** Returns a thought; null if thoughts are not shown, or it says nothing. */
export function thoughtPart(part: ReasoningPart, { shows_thoughts }: Head): GoogleAnswerPart | null {
  const signature = thoughtSignatureOf(part);
  if (!shows_thoughts || (part.text === '' && signature === null)) return null;
  return { text: part.text, thought: true, ...signedBy(signature) };
}

export const callPart = ({ id, name, arguments: json, extra_content }: ToolCall): GoogleAnswerPart => ({
  functionCall: { id, name, args: argumentsObject(json) },
  ...signedBy(signatureOf(extra_content)),
});

/** A text with no more than the signature of what was said before it. */
export const signedPart = (extra_content: unknown): GoogleAnswerPart | null => {
  const thoughtSignature = signatureOf(extra_content);
  return thoughtSignature === null ? null : { text: '', thoughtSignature };
};

const finishReasons = {
  stop: 'STOP',
  tool_calls: 'STOP',
  length: 'MAX_TOKENS',
  content_filter: 'SAFETY',
} as const;

/** Returns a piece of an answer. */
export const pieceOf = (
  { execution_id, model }: Head,
  parts: GoogleAnswerPart[],
): GenerateContentResponse => ({
  candidates: [{ content: { parts, role: 'model' }, index: 0 }],
  modelVersion: model,
  responseId: execution_id,
});

type Finished = Pick<CreateExecutionResponse, 'finish_reason' | 'usage'>;

/** Returns the last piece of an answer, with its end and its usage. */
export function lastPieceOf(head: Head, parts: GoogleAnswerPart[], { finish_reason, usage }: Finished) {
  const { candidates, ...piece } = pieceOf(head, parts);
  const finishReason = finishReasons[finish_reason ?? 'stop'];
  return {
    candidates: candidates.map(({ content, index }) => ({ content, finishReason, index })),
    ...(usage !== null && { usageMetadata: usageOf(usage) }),
    ...piece,
  };
}

/** Returns the parts of a whole answer in their order. The explanation of a refusal is its text. */
function partsOf(execution: CreateExecutionResponse, head: Head): GoogleAnswerPart[] {
  const { output_text, tool_calls, reasoning = [], order, extra_content, refusal } = execution;
  const texts = [{ text: output_text }];
  const blocks = blocksInOrder({ reasoning, texts, calls: tool_calls.length, order });
  const parts = blocks.flatMap((block): GoogleAnswerPart[] => {
    if (block.type === 'text') return [{ text: block.text.text }];
    if (block.type === 'tool_call') return tool_calls.slice(block.call, block.call + 1).map(callPart);
    const thought = thoughtPart(block.reasoning, head);
    return thought === null ? [] : [thought];
  });
  const signed = signedPart(extra_content);
  const explanation = refusal?.explanation ?? null;
  return [
    ...parts,
    ...(signed === null ? [] : [signed]),
    ...(explanation === null ? [] : [{ text: explanation }]),
  ];
}

/** Returns the answer of a finished execution. */
export function contentOf(
  execution: CreateExecutionResponse,
  { shows_thoughts }: Pick<Head, 'shows_thoughts'>,
): GenerateContentResponse {
  const head = { execution_id: execution.id, model: execution.model, shows_thoughts };
  return lastPieceOf(head, partsOf(execution, head), execution);
}
