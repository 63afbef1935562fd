import { textBound } from '../metering/token-bound.ts';
import type { SpeechRequest } from './speech.ts';

/** The input tokens of a request for speech. Pure. */

/** Tokens that a model's format adds to a text. */
const ADDED = 96;

type Spoken = Pick<SpeechRequest, 'input' | 'instructions'>;

/** Returns the most input tokens, and no fewer than the characters of the input. */
export const speechTokensBound = ({ input, instructions = '' }: Spoken): number =>
  ADDED + textBound(input) + textBound(instructions);

/** Returns the input tokens that are charged where the provider reports none: one for each character, by which such models are paid. */
export const charactersOf = ({ input }: Spoken): number => [...input].length;
