import { sql } from 'drizzle-orm';
import type { Database } from './client.ts';

/** Whether the database answers and the Worker's role is bound by row security. */
export async function checkDatabase(database: Database): Promise<boolean> {
  await database.execute(sql`select app.assert_safe_role()`);
  return true;
}
