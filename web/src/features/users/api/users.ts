import { mutationOptions, type QueryClient, queryOptions } from '@tanstack/react-query';
import type {
  TokenPolicyOverride,
  UserDetail,
  UserPatch,
} from '../../../../../contracts/api/tenant/policies.ts';
import type { UserWithWallet } from '../../../../../contracts/api/tenant/users.ts';
import type { WalletView } from '../../../../../contracts/api/wallet.ts';
import { api, ask } from '../../../lib/api-client.ts';
import { type CachedPages, pagedOptions, pageQuery, withItems } from '../../../lib/paging.ts';
import { changeEach } from '../change-each.ts';
import type { WalletCorrection } from '../correction-draft.ts';
import type { UserFilters } from '../user-filters.ts';

const keys = {
  lists: ['users', 'list'],
  list: (filters: UserFilters) => ['users', 'list', filters],
  details: ['users', 'detail'],
  detail: (id: string) => ['users', 'detail', id],
  factors: (id: string) => ['users', 'factors', id],
} as const;

/** The tenant's users that match every filter, newest first. */
export const usersQuery = (filters: UserFilters) =>
  pagedOptions(keys.list(filters), (cursor) =>
    ask(api.users.$get({ query: { ...pageQuery(cursor), ...filters } })),
  );

export const userQuery = (id: string) =>
  queryOptions({
    queryKey: keys.detail(id),
    queryFn: () => ask(api.users[':id'].$get({ param: { id } })),
  });

/** Shows a changed user at once: the answer is newer than anything read before. */
const keepDetail = (client: QueryClient, detail: UserDetail) =>
  client.setQueryData(keys.detail(detail.user.id), detail);

/** A user's status or level. */
export const changeUser = (id: string, patch: UserPatch) =>
  mutationOptions({
    mutationFn: () => ask(api.users[':id'].$patch({ param: { id }, json: patch })),
    onSuccess: (detail, _variables, _result, { client }) => keepDetail(client, detail),
    meta: { invalidates: [keys.lists] },
  });

/** The same change of several users, one request after the other. Resolves with those that failed. `onProgress` gets the number done. */
export const changeUsers = (users: UserWithWallet[], patch: UserPatch, onProgress: (done: number) => void) =>
  mutationOptions({
    mutationFn: () =>
      changeEach(users, ({ id }) => ask(api.users[':id'].$patch({ param: { id }, json: patch })), onProgress),
    meta: { invalidates: [keys.lists, keys.details] },
  });

/** Sets the user's own policy values; null inherits from the level. */
export const setOverride = (id: string) =>
  mutationOptions({
    mutationFn: (override: TokenPolicyOverride) =>
      ask(api.users[':id']['token-policy'].$put({ param: { id }, json: override })),
    onSuccess: (detail, _variables, _result, { client }) => keepDetail(client, detail),
  });

export const signOutEverywhere = (id: string) =>
  mutationOptions({ mutationFn: () => ask(api.users[':id']['sign-out'].$post({ param: { id } })) });

/** The second factors of a user. */
export const userFactorsQuery = (id: string) =>
  queryOptions({
    queryKey: keys.factors(id),
    queryFn: () => ask(api.users[':id'].factors.$get({ param: { id } })),
  });

export const removeUserFactors = (id: string) =>
  mutationOptions({
    mutationFn: () => ask(api.users[':id'].factors.$delete({ param: { id } })),
    meta: { invalidates: [keys.factors(id)] },
  });

/** Puts a wallet into what was read of its user. The list reads from the database, which is about a second behind it. */
function keepWallet(client: QueryClient, userId: string, wallet: WalletView) {
  const { available, reserved, overage } = wallet;
  client.setQueriesData<CachedPages<UserWithWallet>>({ queryKey: keys.lists }, (pages) =>
    withItems(pages, (user) =>
      user.id === userId ? { ...user, wallet: { available, reserved, overage } } : user,
    ),
  );
  client.setQueryData<UserDetail>(keys.detail(userId), (detail) => detail && { ...detail, wallet });
}

/** Adds to a user's wallet, or corrects it. Sending the same idempotency key again writes nothing twice. */
export const correctWallet = (userId: string) =>
  mutationOptions({
    mutationFn: ({ kind, amount, reason, reference, idempotency_key }: WalletCorrection) => {
      const request = {
        param: { id: userId },
        header: { 'idempotency-key': idempotency_key },
        json: { amount, reason, ...(reference === '' ? {} : { reference }) },
      };
      return kind === 'credit'
        ? ask(api.users[':id'].wallet.credits.$post(request))
        : ask(api.users[':id'].wallet.adjustments.$post(request));
    },
    onSuccess: ({ wallet }, _variables, _result, { client }) => keepWallet(client, userId, wallet),
  });
