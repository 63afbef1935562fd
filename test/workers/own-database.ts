import { inject } from 'vitest';
import type { ProvidedDatabase } from '../support/provided-database.ts';

/** A copy of the migrated database for this file, so that rows, locks and disabled triggers affect no other file. */
const answer = await fetch(inject('databaseCopies'), { method: 'POST' });
if (!answer.ok) throw new Error(`There is no database: ${await answer.text()}`);
export const database: ProvidedDatabase = await answer.json();
