import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { mutations } from './mutations.ts';

/** Returns the name of the SQL function whose body holds the text at `at`, or null. */
function functionAround(sql: string, at: number): string | null {
  const before = sql.slice(0, at);
  const last = [...before.matchAll(/create (?:or replace )?function (app\.\w+)\(/g)].at(-1);
  return last?.[1] !== undefined && before.lastIndexOf('\n$$;') < last.index ? last[1] : null;
}

/**
 * Returns a message for each mutation of an SQL function that a later migration replaces: the fault would change nothing. Migrations run in
 * the order of their names.
 */
export function mutationsOfReplacedFunctions(root: string): string[] {
  const sqlOf = (file: string) => readFileSync(path.join(root, file), 'utf8');
  const migrations = readdirSync(path.join(root, 'migrations'))
    .filter((name) => name.endsWith('.sql'))
    .map((name) => `migrations/${name}`);
  return mutations.flatMap(({ file, find, what }) => {
    if (!file.startsWith('migrations/')) return [];
    const sql = sqlOf(file);
    const name = functionAround(sql, sql.indexOf(find));
    if (name === null) return [];
    const creates = [`create function ${name}(`, `create or replace function ${name}(`];
    const replacing = migrations.filter(
      (one) => one > file && creates.some((create) => sqlOf(one).includes(create)),
    );
    return replacing.map((one) => `${what}: ${one} replaces ${name}`);
  });
}
