import type { Mutation } from './mutation.ts';

const rows = {
  ...{ file: 'worker/db/files/user-files.ts', project: 'rls' },
  tests: 'test/rls/user-files.test.ts',
};
const table = { ...rows, file: 'migrations/0040_user_files.sql' };
const overHttp = (file: string): Pick<Mutation, 'file' | 'project' | 'tests'> => ({
  ...{ file, project: 'workers' },
  tests: 'test/workers/http/files.test.ts',
});

/** Mutations of uploaded files (docs/files.md). */
export const fileMutations: Mutation[] = [
  {
    ...rows,
    what: 'uploads of one user do not wait for each other',
    find: 'select pg_advisory_xact_lock(hashtextextended(',
    replace: 'select pg_advisory_xact_lock_shared(hashtextextended(',
  },
  {
    ...rows,
    what: 'a user has one file more than they may have',
    find: 'held.files < ',
    replace: 'held.files <= ',
  },
  {
    ...rows,
    what: 'a file can be found after its end',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: The source has a template.
    find: 'const isLive = sql`${files.expires_at} > now()`',
    replace: 'const isLive = sql`true`',
  },
  {
    ...table,
    what: 'the service reaches files that have not expired',
    find: `((select app.role()) = 'service') and ("user_files"."expires_at" <= now())`,
    replace: `((select app.role()) = 'service')`,
    tests: 'test/rls/isolation.test.ts',
  },
  {
    ...overHttp('worker/files/upload.ts'),
    what: 'a file has more than 32 MiB',
    find: 'if (this.#bytes > FILE_BYTES_MAX)',
    replace: 'if (this.#bytes > 2 * FILE_BYTES_MAX)',
  },
  {
    ...overHttp('worker/files/upload.ts'),
    what: 'the bytes of a refused upload stay',
    find: 'if (!inserted.ok) drop(',
    replace: 'if (inserted.ok && !inserted.ok) drop(',
  },
  {
    ...overHttp('worker/files/load-files.ts'),
    what: 'a file that is mentioned often counts once',
    find: 'bytes += base64Bytes(file.bytes);',
    replace: 'bytes = body_bytes + base64Bytes(file.bytes);',
  },
  {
    ...overHttp('worker/platform/erase-tenants.ts'),
    what: 'the files of an erased tenant stay',
    find: 'for (const kind of objectKinds)',
    replace: 'for (const kind of objectKinds.slice(0, 1))',
  },
  {
    ...overHttp('worker/files/file-name.ts'),
    what: 'a download is shown by the browser',
    find: 'attachment; filename=',
    replace: 'inline; filename=',
  },
];
