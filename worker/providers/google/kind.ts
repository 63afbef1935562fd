import { z } from 'zod';
import { type KeyCredential, type ProviderKindModule, parseApiKey } from '../provider-kind.ts';
import { GOOGLE_STOPS_MAX, googleImageTokensBound, unsupportedByGoogle } from './limits.ts';
import { googleExtra } from './request.ts';

/** A list of models as Google writes it: `{ models: [{ name: "models/..." }] }`. */
const modelNames = z
  .object({ models: z.array(z.object({ name: z.string() })) })
  .transform(({ models }) => models.map(({ name }) => name.replace(/^models\//, '')));

/** Google's generateContent. */
export const googleKind: ProviderKindModule<KeyCredential> = {
  parseCredential: parseApiKey,
  unsupported: unsupportedByGoogle,
  unsupportedEmbedding: ({ of }) => (of === 'tokens' ? 'This model takes texts, not tokens' : null),
  imageTokensBound: googleImageTokensBound,
  stops_max: GOOGLE_STOPS_MAX,
  keeps_to_one_call: false,
  takes_instructions_apart: true,
  sentExtra: googleExtra,
  models: {
    path: '/v1beta/models?pageSize=1000',
    headers: ({ api_key }) => ({ 'x-goog-api-key': api_key }),
    names: modelNames,
    // A wrong key is answered with 400.
    refusesCredential: (status, message) => status === 400 && /api key/i.test(message),
  },
  loadAdapter: async () => (await import('./adapter.ts')).googleAdapter,
};
