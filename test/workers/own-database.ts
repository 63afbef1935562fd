import { inject } from 'vitest';
import type { ProvidedDatabase } from '../support/provided-database.ts';

/** A copy of the migrated Postgres for this file alone: no file meets another's rows, locks or triggers turned off. */
const answer = await fetch(inject('databaseCopies'), { method: 'POST' });
if (!answer.ok) throw new Error(`There is no database: ${await answer.text()}`);
export const database: ProvidedDatabase = await answer.json();
