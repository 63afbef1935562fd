import type { SignInProviderKind } from '../../contracts/api/account/sign-in.ts';
import type { KeyBinding } from '../runtime/key-ring.ts';

/** Returns the place for which a client secret is encrypted: one that was moved to another row or issuer does not decrypt. Pure. */
export const bindingOf = (provider: {
  tenant_id: string;
  id: string;
  kind: SignInProviderKind;
  issuer: string;
}): KeyBinding => ({
  tenant_id: provider.tenant_id,
  provider_id: provider.id,
  kind: provider.kind,
  origin: provider.issuer,
});
