import {
  type TenantSettings,
  type TenantSettingsPatch,
  tenantSettingsPatch,
} from '../../../../contracts/api/tenant/tenant.ts';
import { type CacheScope, TTL_S } from '../../../../contracts/tenants/response-cache.ts';
import { type FormRead, readForm } from '../../lib/form-errors.ts';

/** The form of the response cache. Pure. */

type Setting = TenantSettings['response_cache'];

/** The users who get a kept answer, the minutes for which it is kept, and its price in percent. */
export type CacheDraft = { use: 'off' | CacheScope; minutes: string; price_percent: string };
export const cacheFields = ['response_cache.ttl_s', 'response_cache.price_percent'] as const;

const SECONDS = 60;

/** The values to begin with where the cache was off: an hour, at a tenth of the price. */
const proposed = { ttl_s: 3_600, price_percent: 10 };

export function cacheDraftOf(setting: Setting): CacheDraft {
  const { ttl_s, price_percent } = setting ?? proposed;
  return {
    use: setting?.scope ?? 'off',
    minutes: String(ttl_s / SECONDS),
    price_percent: String(price_percent),
  };
}

const numberOf = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text));

const settingOf = ({ use, minutes, price_percent }: CacheDraft): Setting =>
  use === 'off'
    ? null
    : {
        ttl_s: Math.round(numberOf(minutes) * SECONDS),
        scope: use,
        price_percent: numberOf(price_percent),
      };

/** Returns the change that a draft makes, or an error for each invalid field. */
export function readCacheDraft(
  draft: CacheDraft,
  saved: Setting,
): FormRead<TenantSettingsPatch, (typeof cacheFields)[number]> {
  const response_cache = settingOf(draft);
  if (JSON.stringify(response_cache) === JSON.stringify(saved)) return { ok: true, value: {} };
  return readForm(
    tenantSettingsPatch,
    { response_cache },
    {
      'response_cache.ttl_s': `Enter ${TTL_S.min / SECONDS} to ${TTL_S.max / SECONDS} minutes`,
      'response_cache.price_percent': 'Enter a whole number from 0 to 100',
    },
  );
}

/** The users who get a kept answer, in the order of the form. */
export const cacheChoices: { value: CacheDraft['use']; label: string; help: string }[] = [
  { value: 'off', label: 'Nobody', help: 'No answer is kept.' },
  {
    value: 'user',
    label: 'The user who got it before',
    help: 'Nothing is shared between users.',
  },
  {
    value: 'tenant',
    label: 'Every user of this tenant',
    help: 'Whoever sends exactly the same request gets the answer that was made for another user, and can tell by its speed that somebody asked before.',
  },
];
