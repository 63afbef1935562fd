import type { Feature } from '../../../../contracts/tenants/level-features.ts';
import { useUser } from '../auth/auth-context.tsx';

/** True if the user's level has a feature. The API checks it too. */
export const useFeature = (name: Feature): boolean => useUser().level.features[name];
