import { checkDatabase } from '../db/health.ts';
import type { Dependencies } from './dependencies.ts';
import { callWallet } from './wallet-client.ts';

type PartState = { status: 'ok' | 'down'; latency_ms: number };

/** A wallet that belongs to nobody: asking it proves that objects start and answer, and writes nothing. */
const PROBE = {
  tenant_id: '00000000-0000-0000-0000-000000000000',
  user_id: '00000000-0000-0000-0000-000000000000',
};

async function timed(check: () => Promise<boolean>): Promise<PartState> {
  const startedAtMs = Date.now();
  const healthy = await check().catch(() => false);
  return { status: healthy ? 'ok' : 'down', latency_ms: Date.now() - startedAtMs };
}

/** Asks every part the platform needs. The database check also fails when the Worker's role could bypass RLS. */
export async function checkHealth(deps: Dependencies): Promise<{ database: PartState; wallets: PartState }> {
  const [database, wallets] = await Promise.all([
    timed(() => checkDatabase(deps.database)),
    timed(async () => (await callWallet(deps, PROBE, (wallet) => wallet.ping())).ok),
  ]);
  return { database, wallets };
}
