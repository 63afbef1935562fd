import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/neon-serverless';
import { signInProviders } from '../worker/db/schema/sign-in.ts';
import { encryptProviderKey, keyRing } from '../worker/runtime/key-ring.ts';
import { bindingOf } from '../worker/sign-in/provider-secret.ts';
import { ownerPool } from './migrate.ts';
import { demoSignInProvider } from './seed-data.ts';
import { CLIENT_SECRET, ISSUER_PATH } from './simulators/issuer/simulated-issuer.ts';

type SignInSeed = {
  ownerUrl: string;
  /** host:port of the local stack's gateway. */
  gateway: string;
  /** The Worker's KEY_RING. */
  keyRing: string;
  simulatorOrigin: string;
};

/** Gives a demo tenant the simulated identity provider, at the port that the simulators have in this run. */
export async function seedSignIn({
  ownerUrl,
  gateway,
  keyRing: ring,
  simulatorOrigin,
}: SignInSeed): Promise<void> {
  const issuer = `${simulatorOrigin}${ISSUER_PATH}`;
  const row = { ...demoSignInProvider, issuer };
  const client_secret_ciphertext = await encryptProviderKey(
    keyRing.parse(ring),
    bindingOf(row),
    CLIENT_SECRET,
  );
  const pool = ownerPool(ownerUrl, gateway);
  try {
    await drizzle(pool).transaction(async (tx) => {
      await tx.execute(sql`select set_config('app.role', 'operator', true)`);
      await tx
        .insert(signInProviders)
        .values({ ...row, client_secret_ciphertext })
        .onConflictDoUpdate({
          target: [signInProviders.tenant_id, signInProviders.id],
          set: { issuer, client_secret_ciphertext },
        });
    });
  } finally {
    await pool.end();
  }
}
