import { neonConfig } from '@neondatabase/serverless';
import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import { connect } from '../../worker/db/client.ts';
import { listExecutions } from '../../worker/db/executions/executions.ts';
import { listLedger } from '../../worker/db/ledger/ledger.ts';
import { listUsers } from '../../worker/db/users/users.ts';

/** A statement as the product sends it to the database. */
export type Statement = { query: string; params: unknown[] };

/** The lists of the product, each as a caller who reads its first page. */
export type ListName = 'own-executions' | 'executions' | 'ledger' | 'users';

const noRows = { fields: [], rows: [], command: 'SELECT', rowCount: 0, rowAsArray: true };

/** Records the statements that `work` sends, and answers each with no rows, which it need not be able to read. */
async function recordStatements(work: () => Promise<unknown>): Promise<Statement[]> {
  const recorded: Statement[] = [];
  const before = neonConfig.fetchFunction;
  neonConfig.fetchFunction = async (_url: string, { body }: { body: string }) => {
    const { queries } = JSON.parse(body) as { queries: Statement[] };
    recorded.push(...queries);
    return Response.json({ results: queries.map(() => noRows) });
  };
  try {
    await work().catch((error) => {
      if (recorded.length === 0) throw error;
    });
  } finally {
    neonConfig.fetchFunction = before;
  }
  return recorded;
}

/** Returns the statements of a list without the first, which enters the caller's tenant. */
export async function statementsOf(
  list: ListName,
  claims: { user: SessionClaims; admin: SessionClaims },
): Promise<Statement[]> {
  const database = connect({
    databaseUrl: 'postgresql://nobody:nothing@localhost/none',
    fetchEndpoint: 'http://localhost/sql',
    applicationName: 'vanilla-request',
  });
  const page = { limit: 25 };
  const { user, admin } = claims;
  const calls: Record<ListName, () => Promise<unknown>> = {
    'own-executions': () => listExecutions(database, user, page),
    executions: () => listExecutions(database, admin, page),
    ledger: () => listLedger(database, user, page, user.userId),
    users: () => listUsers(database, admin, page),
  };
  const [, ...statements] = await recordStatements(calls[list]);
  return statements;
}
