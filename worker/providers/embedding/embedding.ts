/** Embeddings in the neutral form between our surface and the provider adapters. */

/** Texts, or the tokens of texts by the model's own tokenizer. Each item gets a vector. */
export type EmbeddingInput = { of: 'texts'; items: string[] } | { of: 'tokens'; items: number[][] };

/** One request for every kind of provider. */
export type EmbeddingRequest = {
  /** The provider's name of the model. */
  model: string;
  input: EmbeddingInput;
  /** The numbers that each vector has; the model's own if absent. */
  dimensions?: number | undefined;
  /** The client's name for its end user. Sent to OpenAI and compatible servers. */
  user?: string | undefined;
  /** The use of the vectors and the title of the document, in Google's words. Sent to Google. */
  task_type?: string | undefined;
  title?: string | undefined;
};

/** A vector as the base64 of its numbers in 32 bits each, little-endian: the form of OpenAI's `base64`, a quarter of the length of JSON. */
export type Vector = string;

/** A piece of an embedding's stream: the vector of the next input. */
export type VectorPiece = { type: 'vector'; vector: Vector };

/** The most numbers that the vectors of one answer have: 2,048 vectors of 4,096, the most inputs and the largest common vectors. */
export const NUMBERS_MAX = 2_048 * 4_096;
