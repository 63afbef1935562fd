import { v7 as uuidv7 } from 'uuid';
import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import {
  type CreateSignInProviderRequest,
  GOOGLE_ISSUER,
  type SignInProviderPatch,
  type SignInProviderTest,
} from '../../contracts/api/account/sign-in.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { mayCallHost } from '../db/catalog/providers.ts';
import type { EnterRefusal } from '../db/context.ts';
import {
  getManagedSignInProvider,
  insertSignInProvider,
  type SignInProviderRefusal,
  type StoredSignInProvider,
  updateSignInProvider,
} from '../db/tenants/sign-in-providers.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { encryptProviderKey } from '../runtime/key-ring.ts';
import { type DiscoveryFailure, readIssuer } from './discovery.ts';
import { bindingOf } from './provider-secret.ts';

/** Changes that admins make of the identity providers of their tenant. */

type ManageDependencies = Pick<Dependencies, 'database' | 'settings' | 'requestId'>;

/** Reads the document of an issuer for an admin. Nothing is saved. */
export async function testIssuer(
  { database, settings }: ManageDependencies,
  claims: SessionClaims,
  issuer: string,
): Promise<Result<SignInProviderTest, { code: EnterRefusal | 'forbidden' }>> {
  const hostname = URL.parse(issuer)?.hostname.replace(/\.$/, '') ?? null;
  const may = await mayCallHost(database, claims, hostname);
  if (!may.ok && may.failure.code !== 'own_host') return fail({ code: may.failure.code });
  if (!may.ok)
    return ok({ ok: false, rule: 'not_allowed', message: 'The issuer must not be this platform itself.' });
  const read = await readIssuer(issuer, settings);
  if (read.ok) return ok({ ok: true, authorization_endpoint: read.value.authorization_endpoint });
  const { rule, message } = read.failure;
  return ok({ ok: false, rule, message });
}

type SaveRefusal = { code: SignInProviderRefusal | 'name_taken' } | DiscoveryFailure;

/** Adds an identity provider after its issuer's document was read. The client secret is stored encrypted, for this row and issuer. */
export async function addSignInProvider(
  deps: ManageDependencies,
  claims: SessionClaims,
  { issuer: chosen, client_secret, ...provider }: CreateSignInProviderRequest,
): Promise<Result<StoredSignInProvider, SaveRefusal>> {
  const issuer = chosen ?? GOOGLE_ISSUER;
  const tested = await testIssuer(deps, claims, issuer);
  if (!tested.ok) return tested;
  if (!tested.value.ok) {
    const { rule, message } = tested.value;
    return fail({ code: 'discovery_failed', rule, message });
  }
  const row = { ...provider, issuer, id: uuidv7() };
  const binding = bindingOf({ ...row, tenant_id: claims.tenantId });
  const client_secret_ciphertext = await encryptProviderKey(deps.settings.KEY_RING, binding, client_secret);
  return insertSignInProvider(deps.database, claims, { ...row, client_secret_ciphertext }, deps.requestId);
}

/** Changes an identity provider. */
export async function changeSignInProvider(
  deps: ManageDependencies,
  claims: SessionClaims,
  id: string,
  { client_secret, ...change }: SignInProviderPatch,
): Promise<Result<StoredSignInProvider, { code: SignInProviderRefusal | 'name_taken' }>> {
  if (client_secret === undefined)
    return updateSignInProvider(deps.database, claims, id, change, deps.requestId);
  const found = await getManagedSignInProvider(deps.database, claims, id);
  if (!found.ok) return found;
  const binding = bindingOf({ ...found.value, tenant_id: claims.tenantId });
  const client_secret_ciphertext = await encryptProviderKey(deps.settings.KEY_RING, binding, client_secret);
  return updateSignInProvider(
    deps.database,
    claims,
    id,
    { ...change, client_secret_ciphertext },
    deps.requestId,
  );
}
