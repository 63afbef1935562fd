import type { LevelPatch, TokenPolicy } from '../../../../../contracts/api/policies.ts';
import { api, ask } from '../../../lib/api-client.ts';

export const fetchLevels = () => ask(api.levels.$get());
export const putLevelPolicy = (id: string, policy: TokenPolicy) =>
  ask(api.levels[':id']['token-policy'].$put({ param: { id }, json: policy }));
export const patchLevel = (id: string, patch: LevelPatch) =>
  ask(api.levels[':id'].$patch({ param: { id }, json: patch }));
