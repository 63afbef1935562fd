import type { ModerationResult, ModerationsRequest } from '../../../contracts/v1/moderations.ts';

/** Moderations in the neutral form, which is OpenAI's. */

/** One request. `model` is the provider's name of the model. */
export type ModerationRequest = Pick<ModerationsRequest, 'model' | 'input'>;

/** The only piece of a moderation's stream: the judgements. */
export type ModerationPiece = { type: 'judged'; results: ModerationResult[] };

/** Returns the number of judgements that an input gets: one for each text, or one for all parts together. Pure. */
export const resultsOf = (input: ModerationRequest['input']): number =>
  Array.isArray(input) && typeof input[0] === 'string' ? input.length : 1;
