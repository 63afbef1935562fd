import type { ApiKeyPatch, CreateApiKeyRequest } from '../../../../../contracts/api/api-keys.ts';
import { api, ask } from '../../../lib/api-client.ts';
import { pageQuery } from '../../../lib/paging.ts';

/** Keys of everybody the caller may see, or of one user, newest first. */
export const fetchApiKeys = (cursor: string | undefined, userId: string | null) =>
  ask(
    api['api-keys'].$get({
      query: { ...pageQuery(cursor), ...(userId === null ? {} : { user_id: userId }) },
    }),
  );

/** Answers the key with its secret, which is told this once. */
export const postApiKey = (request: CreateApiKeyRequest) => ask(api['api-keys'].$post({ json: request }));
export const patchApiKey = (id: string, patch: ApiKeyPatch) =>
  ask(api['api-keys'][':id'].$patch({ param: { id }, json: patch }));

/** Gives a key a new secret; the one before it goes on for `graceS` seconds. */
export const postRotation = (id: string, graceS: number) =>
  ask(api['api-keys'][':id'].rotate.$post({ param: { id }, json: { grace_s: graceS } }));
export const deleteApiKey = (id: string) => ask(api['api-keys'][':id'].$delete({ param: { id } }));
