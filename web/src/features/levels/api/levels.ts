import { mutationOptions, type QueryClient, queryOptions } from '@tanstack/react-query';
import type { InferRequestType } from 'hono/client';
import type { Level, LevelPatch } from '../../../../../contracts/api/tenant/levels.ts';
import type { TokenPolicy } from '../../../../../contracts/api/tenant/policies.ts';
import { api, ask } from '../../../lib/api-client.ts';

const LEVELS_KEY = ['levels'];

const readLevels = () => ask(api.levels.$get());

/** The tenant's levels with their policies, in their order, archived ones last. */
export const levelsQuery = queryOptions({
  queryKey: LEVELS_KEY,
  queryFn: readLevels,
  select: ({ items }) => items,
});

/** The levels that a user can be moved to. */
export const levelsInUseQuery = queryOptions({
  ...levelsQuery,
  select: ({ items }) => items.filter(({ archived_at }) => archived_at === null),
});

/** The features, and the levels that offer each. */
export const featuresQuery = queryOptions({
  queryKey: ['features'],
  queryFn: () => ask(api.features.$get()),
  select: ({ items }) => items,
});

/** Shows a changed level at once. */
const keepLevel = (client: QueryClient, level: Level) =>
  client.setQueryData<Awaited<ReturnType<typeof readLevels>>>(
    LEVELS_KEY,
    (levels) => levels && { items: levels.items.map((known) => (known.id === level.id ? level : known)) },
  );

const putLevelPolicy = (id: string, policy: TokenPolicy) =>
  ask(api.levels[':id']['token-policy'].$put({ param: { id }, json: policy }));
export type LevelPolicyAnswer = Awaited<ReturnType<typeof putLevelPolicy>>;

/** Sets the policy of a level. The response counts the wallets that follow it already. */
export const setLevelPolicy = (id: string) =>
  mutationOptions({
    mutationFn: (policy: TokenPolicy) => putLevelPolicy(id, policy),
    onSuccess: ({ level }, _variables, _result, { client }) => keepLevel(client, level),
  });

/** The request that creates a level. */
export type NewLevel = InferRequestType<typeof api.levels.$post>['json'];

/** Creates a level, after the others. */
export const createLevel = mutationOptions({
  mutationFn: (level: NewLevel) => ask(api.levels.$post({ json: level })),
  meta: { invalidates: [LEVELS_KEY] },
});

const patchLevel = (id: string, patch: LevelPatch) =>
  ask(api.levels[':id'].$patch({ param: { id }, json: patch }));

/** Changes a level. */
export const changeLevel = (id: string) =>
  mutationOptions({
    mutationFn: (patch: LevelPatch) => patchLevel(id, patch),
    onSuccess: (level, _variables, _result, { client }) => keepLevel(client, level),
    meta: { invalidates: [['features']] },
  });

/** Makes a level the default, archives or restores it. Others change their place with it. */
export const moveLevel = (id: string, patch: Pick<LevelPatch, 'is_default' | 'archived'>) =>
  mutationOptions({
    mutationFn: () => patchLevel(id, patch),
    onSuccess: (level, _variables, _result, { client }) => keepLevel(client, level),
    meta: { invalidates: [LEVELS_KEY] },
  });

/** Orders the levels that are not archived, shown at once. */
export const orderLevels = mutationOptions({
  mutationFn: (ids: string[]) => ask(api.levels.order.$put({ json: { ids } })),
  onSuccess: (levels, _variables, _result, { client }) => client.setQueryData(LEVELS_KEY, levels),
});
