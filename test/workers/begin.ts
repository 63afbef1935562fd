import { sql } from 'drizzle-orm';
import type { WalletIdentity } from '../../contracts/wallet/journal.ts';
import { beginExecution } from '../../worker/executions/begin.ts';
import { chatTask } from '../../worker/executions/chat-task.ts';
import type { Dependencies } from '../../worker/runtime/dependencies.ts';
import { resolveTenant } from '../../worker/tenants/tenant-lookup.ts';
import { asOwner, claimsOf, dependencies } from './checked-wallet.ts';
import { PROVIDER_URL } from './simulated-stream.ts';

const idempotency = { key: 'once', fingerprint: 'a'.repeat(64) };

/** Begins an execution of `model` for the wallet's user under one Idempotency-Key, and waits for the background work it starts. */
export async function begin(wallet: WalletIdentity, model: string, changes: Partial<Dependencies> = {}) {
  const work: Promise<unknown>[] = [];
  const key = { OPENAI_API_KEY: 'sk-test', OPENAI_BASE_URL: PROVIDER_URL };
  const settings = { ...dependencies().settings, ...key };
  const deps = dependencies({ settings, waitUntil: (promise) => void work.push(promise), ...changes });
  const [[row]] = (await asOwner(sql`select slug from tenants where id = ${wallet.tenant_id}`)) as [
    [{ slug: string }],
  ];
  const tenant = await resolveTenant(deps, { slug: row.slug }, async () => null);
  if (tenant === null) throw new Error('There is no such tenant');
  const chat = { messages: [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'Say.' }] }] };
  const task = chatTask({ model, max_output_tokens: 100, chat });
  const answer = await beginExecution(deps, tenant, claimsOf(wallet), { task, idempotency });
  await Promise.all(work);
  return answer;
}
