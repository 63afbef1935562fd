import type { TokenPolicy } from '../../../contracts/api/policies.ts';
import { api, ask } from '../lib/api-client.ts';

export const fetchLevels = () => ask(api.levels.$get());
export const putLevelPolicy = (id: string, policy: TokenPolicy) =>
  ask(api.levels[':id']['token-policy'].$put({ param: { id }, json: policy }));
