import { useQuery } from '@tanstack/react-query';
import { type Feature, textsOfFeature } from '../../../../contracts/tenants/level-features.ts';
import { sentenceList } from '../../lib/format.ts';
import { useUser } from '../auth/auth-context.tsx';
import { featuresQuery } from './api/levels.ts';

/** The reason why a feature is missing and where it can be had; null if the user has it. */
export function useMissingFeature(name: Feature): string | null {
  const { level, role } = useUser();
  const isMissing = !level.features[name];
  const { data } = useQuery({ ...featuresQuery, enabled: isMissing });
  if (!isMissing) return null;
  const levels = data?.find(({ feature }) => feature === name)?.levels.map((one) => one.name) ?? [];
  const where = levels.length === 0 ? '' : ` ${sentenceList(levels)} ${levels.length === 1 ? 'does' : 'do'}.`;
  const how = role === 'user' ? 'Ask an administrator for another level.' : 'Levels are changed by admins.';
  return `Your level ${level.name} does not include “${textsOfFeature(name).label}”.${where} ${how}`;
}
