import { type Client as Account, registerSomebody, setBalance, signIn } from '../test/support/demo.ts';
import type { TestStack } from '../test/support/stack.ts';

/** The tenant whose hostname clients use. */
export const HOSTNAME = 'globex.localhost';

const SCOPES = ['executions:write', 'executions:read', 'models:read'];
const BALANCE = 100_000_000;

/** Makes a user with a full wallet and an API key. Returns the tenant's admin, the user and the key. */
export async function makeAccount({
  port,
}: Pick<TestStack, 'port'>): Promise<{ admin: Account; user: Account; key: string }> {
  const admin = await signIn(port, HOSTNAME, 'admin@globex.test');
  const user = await registerSomebody(port, HOSTNAME);
  await setBalance(admin, user, BALANCE);
  const made = await user.post('/api/api-keys', { name: 'clients', scopes: SCOPES });
  return { admin, user, key: made.body.secret ?? made.body.key };
}
