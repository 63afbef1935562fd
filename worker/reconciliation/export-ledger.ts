import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import type { LedgerExportHeader } from '../../contracts/api/reconciliation.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import {
  type JournalEntry,
  tenantWallet,
  type WalletIdentity,
  type WithheldEntry,
} from '../../contracts/wallet/journal.ts';
import { LEDGER_FORMAT } from '../../journal/ledger-file.ts';
import { GENESIS } from '../../journal/verify.ts';
import type { EnterRefusal } from '../db/context.ts';
import { exportEntries } from '../db/ledger/ledger.ts';
import { getTenantBudget } from '../db/tenants/budgets.ts';
import { getWalletOwner } from '../db/users/users.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { auditWallet } from './reconcile-wallet.ts';

const PAGE = 500;
const ARRIVAL_TRIES_MAX = 10;
const ARRIVAL_WAIT_MS = 300;

export type ExportRefusal = EnterRefusal | 'forbidden' | 'not_found' | 'unavailable';
export type LedgerStream = { file_name: string; lines: ReadableStream<Uint8Array> };

/** Waits a few seconds at most until the newest entry has arrived, because an export without it looks truncated. */
async function waitForArrival(
  deps: Dependencies,
  claims: SessionClaims,
  wallet: WalletIdentity,
  last_seq: number,
): Promise<Result<null, { code: EnterRefusal }>> {
  for (let tries = 1; ; tries++) {
    const newest = { after_seq: last_seq - 1, last_seq, limit: 1 };
    const entries = await exportEntries(deps.database, claims, wallet, newest);
    if (!entries.ok) return entries;
    if (entries.value.length > 0 || last_seq === 0 || tries >= ARRIVAL_TRIES_MAX) return ok(null);
    await new Promise((resolve) => setTimeout(resolve, ARRIVAL_WAIT_MS));
  }
}

const lineOf = (value: LedgerExportHeader | JournalEntry | WithheldEntry) => `${JSON.stringify(value)}\n`;

/**
 * Exports a wallet's whole ledger as NDJSON: a header with the newest entry as the wallet knows it, then every entry up to it
 * exactly as it was hashed, or without the costs that a user may not see. Pages are read as the client consumes them, each as the caller.
 */
async function exportLedger(
  deps: Dependencies,
  claims: SessionClaims,
  wallet: WalletIdentity,
): Promise<Result<LedgerStream, { code: ExportRefusal }>> {
  const audit = await auditWallet(deps, wallet);
  if (!audit.ok) return audit;
  const { seq, last_hash: hash } = audit.value ?? { seq: GENESIS.seq, last_hash: GENESIS.hash };
  const arrived = await waitForArrival(deps, claims, wallet, seq);
  if (!arrived.ok) return fail(arrived.failure);

  const encoder = new TextEncoder();
  let after_seq = 0;
  const lines = new ReadableStream<Uint8Array>({
    start(controller) {
      const exported_at = new Date().toISOString();
      controller.enqueue(encoder.encode(lineOf({ format: LEDGER_FORMAT, wallet, seq, hash, exported_at })));
    },
    async pull(controller) {
      const page = await exportEntries(deps.database, claims, wallet, {
        after_seq,
        last_seq: seq,
        limit: PAGE,
      });
      // An ended session stops the export; verification reports the truncated file.
      if (!page.ok) throw new Error(page.failure.code);
      if (page.value.length > 0) controller.enqueue(encoder.encode(page.value.map(lineOf).join('')));
      after_seq = page.value.at(-1)?.seq ?? after_seq;
      if (page.value.length < PAGE) controller.close();
    },
  });
  return ok({ file_name: `ledger-${wallet.user_id}.ndjson`, lines });
}

/** Exports the ledger of the caller. */
export const exportOwnLedger = (deps: Dependencies, claims: SessionClaims) =>
  exportLedger(deps, claims, { tenant_id: claims.tenantId, user_id: claims.userId });

/** Exports the ledger of a user, for those who administer them. */
export async function exportUserLedger(deps: Dependencies, claims: SessionClaims, userId: string) {
  const owner = await getWalletOwner(deps.database, claims, userId);
  if (!owner.ok) return owner;
  return exportLedger(deps, claims, { tenant_id: owner.value.user.tenant_id, user_id: owner.value.user.id });
}

/** Exports the ledger of a tenant's budget, for superadmins. */
export async function exportTenantLedger(deps: Dependencies, claims: SessionClaims, tenantId: string) {
  const tenant = await getTenantBudget(deps.database, claims, tenantId);
  return tenant.ok ? exportLedger(deps, claims, tenantWallet(tenantId)) : tenant;
}
