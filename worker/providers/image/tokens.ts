import { textBound } from '../metering/token-bound.ts';
import { estimateTokens } from '../metering/token-estimate.ts';

/** The input tokens of a prompt for images. Pure. */

/** Tokens that a model's format adds to a prompt. */
const ADDED = 96;

/** Returns the most input tokens of a prompt. */
export const promptTokensBound = (prompt: string): number => ADDED + textBound(prompt);

/** Returns the input tokens that are charged where the provider reports none. */
export const estimatePromptTokens = (prompt: string): number => estimateTokens(prompt);
