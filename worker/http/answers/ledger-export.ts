import type { z } from 'zod';
import { ledgerExportLine } from '../../../contracts/api/reconciliation.ts';
import type { Result } from '../../../contracts/result.ts';
import type { ExportRefusal, LedgerStream } from '../../reconciliation/export-ledger.ts';
import type { RequestContext } from '../app-env.ts';
import { problem } from '../errors.ts';
import { problems } from '../openapi/responses.ts';

/** The answer is a stream. A record of any media types keeps it out of the handler's types. */
const lines: Record<string, { schema: z.ZodType }> = { 'application/x-ndjson': { schema: ledgerExportLine } };

/** Describes an exported ledger. */
export const ledgerExport = {
  200: {
    description:
      'One JSON object per line: a header, then the entries, oldest first, exactly as they were hashed. ' +
      'Verify the file offline with `npm run verify:ledger`.',
    content: lines,
  },
  ...problems('not_found'),
};

/** Answers an exported ledger, page by page as the client reads it. */
export function answerLedgerExport(c: RequestContext, ledger: Result<LedgerStream, { code: ExportRefusal }>) {
  if (!ledger.ok) return problem(c, ledger.failure.code);
  return new Response(ledger.value.lines, {
    headers: {
      'content-type': 'application/x-ndjson',
      'content-disposition': `attachment; filename="${ledger.value.file_name}"`,
      'cache-control': 'no-store',
    },
  });
}
