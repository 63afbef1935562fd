import { z } from 'zod';

/**
 * The kinds of models, described by data: each is called at an endpoint of its own. The API schemas, the database check, the refusal of a
 * model at another endpoint and the admin form are derived from this record.
 */

type ModelKindDescription = {
  /** The label of the kind in a list to choose from. */
  label: string;
  /** A model of the kind in a sentence, with its article. */
  noun: string;
  /** The output of models of the kind, in a sentence. */
  plural: string;
  /** The endpoint that takes models of the kind. */
  endpoint: string;
  /** True if an answer has tokens, so that the model has an output limit. */
  has_output: boolean;
};

/** Every kind, in the order in which the admin form lists them. */
export const modelKinds = {
  chat: {
    ...{ label: 'Chat', noun: 'a chat model', plural: 'chats' },
    ...{ endpoint: '/v1/chat/completions', has_output: true },
  },
  embedding: {
    ...{ label: 'Embeddings', noun: 'an embedding model', plural: 'embeddings' },
    ...{ endpoint: '/v1/embeddings', has_output: false },
  },
  image: {
    ...{ label: 'Images', noun: 'an image model', plural: 'images' },
    ...{ endpoint: '/v1/images/generations', has_output: true },
  },
  speech: {
    ...{ label: 'Speech', noun: 'a speech model', plural: 'speech' },
    ...{ endpoint: '/v1/audio/speech', has_output: true },
  },
  transcription: {
    ...{ label: 'Transcription', noun: 'a transcription model', plural: 'transcriptions' },
    ...{ endpoint: '/v1/audio/transcriptions', has_output: true },
  },
  moderation: {
    ...{ label: 'Moderation', noun: 'a moderation model', plural: 'moderations' },
    ...{ endpoint: '/v1/moderations', has_output: false },
  },
} as const satisfies Record<string, ModelKindDescription>;

/** The ids of all kinds. An id is part of stored data, so it never changes. */
export const modelKindIds = Object.keys(modelKinds) as [
  keyof typeof modelKinds,
  ...(keyof typeof modelKinds)[],
];

/** The kind of a model: the task that it runs. */
export const modelKind = z.enum(modelKindIds).meta({ id: 'ModelKind' });
export type ModelKind = z.infer<typeof modelKind>;

/** Returns the reason why a model of one kind cannot run a task of another, in words for the caller. Pure. */
export const refusalOfKind = (kind: ModelKind): string =>
  `This is ${modelKinds[kind].noun}: call ${modelKinds[kind].endpoint}`;
