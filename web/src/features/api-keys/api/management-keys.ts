import { mutationOptions } from '@tanstack/react-query';
import type { CreateManagementKeyRequest } from '../../../../../contracts/api/tenant/management-keys.ts';
import { api, ask } from '../../../lib/api-client.ts';
import { pagedOptions, pageQuery } from '../../../lib/paging.ts';

const key = ['management-keys'];
const meta = { invalidates: [key] };

/** Management keys of the tenant, newest first. */
export const managementKeysQuery = pagedOptions(key, (cursor) =>
  ask(api['management-keys'].$get({ query: pageQuery(cursor) })),
);

/** Returns the key with its secret. The secret cannot be read again. */
export const createManagementKey = mutationOptions({
  mutationFn: (request: CreateManagementKeyRequest) => ask(api['management-keys'].$post({ json: request })),
  meta,
});

/** Gives a key a new secret; the previous one works for another `graceS` seconds. */
export const rotateManagementKey = (id: string, graceS: number) =>
  mutationOptions({
    mutationFn: () =>
      ask(api['management-keys'][':id'].rotate.$post({ param: { id }, json: { grace_s: graceS } })),
    meta,
  });

export const revokeManagementKey = (id: string) =>
  mutationOptions({ mutationFn: () => ask(api['management-keys'][':id'].$delete({ param: { id } })), meta });
