import { mutationOptions } from '@tanstack/react-query';
import type { ApiKeyPatch, CreateApiKeyRequest } from '../../../../../contracts/api/account/api-keys.ts';
import { api, ask } from '../../../lib/api-client.ts';
import { pagedOptions, pageQuery } from '../../../lib/paging.ts';

const keys = {
  all: ['api-keys'],
  list: (userId: string | null) => ['api-keys', 'list', { userId }],
} as const;

const meta = { invalidates: [keys.all] };

/** API keys of all users (null) or of one user, newest first. */
export const apiKeysQuery = (userId: string | null) =>
  pagedOptions(keys.list(userId), (cursor) =>
    ask(
      api['api-keys'].$get({
        query: { ...pageQuery(cursor), ...(userId === null ? {} : { user_id: userId }) },
      }),
    ),
  );

/** Returns the key with its secret. The secret cannot be read again. */
export const createApiKey = mutationOptions({
  mutationFn: (request: CreateApiKeyRequest) => ask(api['api-keys'].$post({ json: request })),
  meta,
});

export const changeApiKey = (id: string) =>
  mutationOptions({
    mutationFn: (patch: ApiKeyPatch) => ask(api['api-keys'][':id'].$patch({ param: { id }, json: patch })),
    meta,
  });

/** Gives a key a new secret; the previous one works for another `graceS` seconds. */
export const rotateApiKey = (id: string, graceS: number) =>
  mutationOptions({
    mutationFn: () => ask(api['api-keys'][':id'].rotate.$post({ param: { id }, json: { grace_s: graceS } })),
    meta,
  });

export const revokeApiKey = (id: string) =>
  mutationOptions({ mutationFn: () => ask(api['api-keys'][':id'].$delete({ param: { id } })), meta });
