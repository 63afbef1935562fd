import type { Settings } from '../runtime/settings.ts';

/** Settings that custom domains need of the platform's owner. */
export type CustomDomainSettings = {
  api_token: string;
  zone_id: string;
  /** The hostname that domains have to point to. */
  target: string;
  /** The address of a simulator; null for Cloudflare itself. */
  base_url: string | null;
};

/** Returns what custom domains need, or null if the platform offers none. Pure. */
export function customDomainSettings({
  CLOUDFLARE_API_TOKEN,
  CLOUDFLARE_ZONE_ID,
  CLOUDFLARE_BASE_URL,
  CUSTOM_DOMAIN_TARGET,
}: Pick<
  Settings,
  'CLOUDFLARE_API_TOKEN' | 'CLOUDFLARE_ZONE_ID' | 'CLOUDFLARE_BASE_URL' | 'CUSTOM_DOMAIN_TARGET'
>): CustomDomainSettings | null {
  if (CLOUDFLARE_API_TOKEN === null || CLOUDFLARE_ZONE_ID === null || CUSTOM_DOMAIN_TARGET === null)
    return null;
  return {
    api_token: CLOUDFLARE_API_TOKEN,
    zone_id: CLOUDFLARE_ZONE_ID,
    target: CUSTOM_DOMAIN_TARGET,
    base_url: CLOUDFLARE_BASE_URL,
  };
}
