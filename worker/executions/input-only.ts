import { ok } from '../../contracts/result.ts';

/**
 * The fields of a task whose answer has no tokens, such as an embedding: only its input is held and charged. It is neither stored nor run
 * in the background.
 */
export const inputOnly = {
  refusal: () => null,
  outputLimit: () => ok(0),
  allowsOutput: () => true,
  needsWholeHold: () => true,
  hidesOutput: () => false,
  output_tokens_min: 0,
  is_bounded_by_window: false,
  input_classes: [],
  tokensOf: () => 0,
  inputTold: () => null,
  estimateOutputTokens: () => 0,
  estimateReasoningTokens: () => 0,
  storage: null,
} as const;
