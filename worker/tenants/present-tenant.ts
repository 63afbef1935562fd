import { type PublicTenant, publicTenantFields } from '../../contracts/api/tenant/tenant.ts';
import { platformSettingsOf } from '../../contracts/catalog/provider-kinds.ts';
import { pickFields } from '../../contracts/fields.ts';
import { isRegistrationOpen, requiresVerification } from '../../contracts/tenants/registration.ts';
import type { ProviderKind } from '../../contracts/usage.ts';
import type { TenantSnapshot } from '../db/snapshots.ts';
import type { Settings } from '../runtime/settings.ts';
import { turnstileSettings, turnstileUrl } from './turnstile-settings.ts';

type PublicSettings = Pick<
  Settings,
  | 'SIMULATED_PROVIDERS'
  | 'MAIL_FROM'
  | 'TURNSTILE_SITE_KEY'
  | 'TURNSTILE_SECRET_KEY'
  | 'TURNSTILE_BASE_URL'
  | `${Uppercase<ProviderKind>}_BASE_URL`
>;

/** Returns what a page needs to show the widget. The secret key stays here. */
function widgetOf(settings: PublicSettings): PublicTenant['turnstile'] {
  const widget = turnstileSettings(settings);
  if (widget === null) return null;
  return { site_key: widget.site_key, script_url: turnstileUrl(widget, 'api.js?render=explicit') };
}

/** Returns the part of a tenant that anyone who opens its hostname can read. */
export const presentTenant = (
  { id, slug, branding, sign_in_providers, ...tenant }: TenantSnapshot,
  settings: PublicSettings,
): PublicTenant => ({
  ...{ id, slug, branding },
  ...pickFields(publicTenantFields, tenant),
  registration_open: isRegistrationOpen(tenant.registration),
  sends_mail: settings.MAIL_FROM !== null,
  requires_verification: requiresVerification(tenant.allocation_after, settings.MAIL_FROM !== null),
  sign_in_providers,
  turnstile: widgetOf(settings),
  simulated_providers: settings.SIMULATED_PROVIDERS,
  simulator_base_urls: Object.fromEntries(
    settings.SIMULATED_PROVIDERS.flatMap((kind) => {
      const address = settings[platformSettingsOf(kind).base_url];
      return address === null ? [] : [[kind, address]];
    }),
  ),
});
