import { mutationOptions, type QueryClient, queryOptions } from '@tanstack/react-query';
import type { Level, LevelPatch, TokenPolicy } from '../../../../../contracts/api/policies.ts';
import { api, ask } from '../../../lib/api-client.ts';

const LEVELS_KEY = ['levels'];

const readLevels = () => ask(api.levels.$get());

/** The tenant's levels with their policies. */
export const levelsQuery = queryOptions({
  queryKey: LEVELS_KEY,
  queryFn: readLevels,
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

/** Changes the models of a level. */
export const changeLevel = (id: string) =>
  mutationOptions({
    mutationFn: (patch: LevelPatch) => ask(api.levels[':id'].$patch({ param: { id }, json: patch })),
    onSuccess: (level, _variables, _result, { client }) => keepLevel(client, level),
  });
