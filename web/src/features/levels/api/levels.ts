import { mutationOptions, queryOptions } from '@tanstack/react-query';
import type { LevelPatch, TokenPolicy } from '../../../../../contracts/api/policies.ts';
import { api, ask } from '../../../lib/api-client.ts';

export const fetchLevels = () => ask(api.levels.$get());

/** The tenant's levels with their policies. */
export const levelsQuery = queryOptions({
  queryKey: ['levels'],
  queryFn: fetchLevels,
  select: ({ items }) => items,
});

const putLevelPolicy = (id: string, policy: TokenPolicy) =>
  ask(api.levels[':id']['token-policy'].$put({ param: { id }, json: policy }));
export type LevelPolicyAnswer = Awaited<ReturnType<typeof putLevelPolicy>>;

/** Sets the policy of a level. The answer says how many wallets follow it already. */
export const setLevelPolicy = (id: string) =>
  mutationOptions({
    mutationFn: (policy: TokenPolicy) => putLevelPolicy(id, policy),
    meta: { invalidates: [['levels']] },
  });
export const patchLevel = (id: string, patch: LevelPatch) =>
  ask(api.levels[':id'].$patch({ param: { id }, json: patch }));
