import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { sql } from 'drizzle-orm';
import { beforeAll, describe, expect, it } from 'vitest';
import { sweepExpiredFiles } from '../../../worker/files/sweep-files.ts';
import { fileKey } from '../../../worker/files/upload.ts';
import { app } from '../../../worker/http/app.ts';
import { closeAccount } from '../../../worker/identity/close-account.ts';
import { eraseDueTenants } from '../../../worker/platform/erase-tenants.ts';
import { createLog } from '../../../worker/runtime/log.ts';
import { abroad, asOwner, claimsOf, dependencies, environment, home, newcomer } from '../checked-wallet.ts';
import { ask, hostname, hostnameOf, somebody, tokenOf } from './asking.ts';

/** Files over HTTP, with the bucket of the local runtime and a real Postgres. */

type Json = {
  [field: string]: unknown;
  id: string;
  data: { id: string; filename: string }[];
  error: { code: string; message: string; details?: unknown };
};
type Answer = { status: number; headers: Headers; body: Json };
type Sent = { token: string; headers?: Record<string, string>; bindings?: Partial<Env>; hostname?: string };

const jsonOf = async (answer: Response): Promise<Answer> => ({
  ...{ status: answer.status, headers: answer.headers },
  body: await answer.json<Json>(),
});

/** Sends a form, or bytes that claim to be one. */
async function send(
  body: FormData | string,
  { token, headers = {}, bindings = {}, ...asked }: Sent,
): Promise<Answer> {
  const context = createExecutionContext();
  const request = new Request(`http://${asked.hostname ?? hostname}/v1/files`, {
    method: 'POST',
    body,
    headers: { 'cf-connecting-ip': '192.0.2.1', authorization: `Bearer ${token}`, ...headers },
  });
  const answer = await app.fetch(request, { ...environment(), ...bindings }, context);
  const read = await jsonOf(answer);
  await waitOnExecutionContext(context);
  return read;
}

function formOf(file: File | null, fields: Record<string, string> = { purpose: 'user_data' }): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  if (file !== null) form.append('file', file);
  return form;
}
const textFile = (text = 'A secret', name = 'a.txt') =>
  new File([text], name, { type: 'application/x-evil' });
const get = async (path: string, token: string, headers: Record<string, string> = {}) =>
  jsonOf(await ask(path, { token, headers }));
const objectsOf = async ({ tenant_id, user_id }: { tenant_id: string; user_id: string }) =>
  (await env.OBJECTS.list({ prefix: `files/${tenant_id}/${user_id}/` })).objects.map(({ size }) => size);

let me: Awaited<ReturnType<typeof somebody>>;
beforeAll(async () => {
  me = await somebody();
});

/** Creates an API key of a user. */
async function keyOf(token: string, scopes: string[]): Promise<string> {
  const made = await ask('/api/api-keys', { token, body: { name: crypto.randomUUID(), scopes } });
  expect(made.status).toBe(201);
  return (await made.json<{ secret: string }>()).secret;
}

describe('an uploaded file', () => {
  it('is what its bytes say, and comes back as it was, to be saved and not shown', async () => {
    const html = '<script>alert(1)</script>';
    const { status, body } = await send(formOf(textFile(html, '../../x/a.html')), me);
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        object: 'file',
        bytes: html.length,
        filename: 'a.html',
        purpose: 'user_data',
        status: 'processed',
      },
    });
    expect(body.id).toMatch(/^file-[0-9a-f]{32}$/);
    expect((body.expires_at as number) - (body.created_at as number)).toBe(2_592_000);
    const answer = await ask(`/v1/files/${body.id}/content`, { token: me.token });
    expect(await answer.text()).toBe(html);
    expect(answer.headers.get('content-type')).toBe('text/plain');
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="a\.html"/);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(answer.headers.get('cache-control')).toBe('private, no-store');
  });

  it('of 32 MiB is stored as it is, and one byte more is refused and leaves nothing', async () => {
    const user = await somebody();
    const bytes = new Uint8Array(33_554_432).fill(7);
    bytes.set([1, 2, 3], 20_000_000);
    const stored = await send(formOf(new File([bytes], 'large.bin')), user);
    expect(stored).toMatchObject({ status: 200, body: { bytes: bytes.length } });
    const answer = await ask(`/v1/files/${stored.body.id}/content`, { token: user.token });
    const digest = async (data: ArrayBuffer | Uint8Array) =>
      Buffer.from(await crypto.subtle.digest('SHA-256', data as ArrayBuffer)).toString('hex');
    expect(await digest(await answer.arrayBuffer())).toBe(await digest(bytes));
    const refused = await send(formOf(new File([bytes, 'x'], 'larger.bin')), user);
    expect(refused).toMatchObject({
      status: 413,
      body: { error: { code: 'body_too_large', details: { field: 'file', limit_bytes: 33_554_432 } } },
    });
    expect(await objectsOf(user)).toEqual([bytes.length]);
  });

  it('is kept for as long as its upload asks', async () => {
    const fields = { 'expires_after[anchor]': 'created_at', 'expires_after[seconds]': '3600' };
    const { body } = await send(formOf(textFile(), { purpose: 'assistants', ...fields }), me);
    expect((body.expires_at as number) - (body.created_at as number)).toBe(3_600);
  });

  it('is gone at once when it is deleted, with its bytes', async () => {
    const user = await somebody();
    const { body } = await send(formOf(textFile()), user);
    expect(await objectsOf(user)).toEqual([8]);
    const deleted = await ask(`/v1/files/${body.id}`, { token: user.token, method: 'DELETE' });
    expect(await deleted.json()).toEqual({ id: body.id, object: 'file', deleted: true });
    expect(await objectsOf(user)).toEqual([]);
    for (const path of ['', '/content'])
      expect((await get(`/v1/files/${body.id}${path}`, user.token)).status).toBe(404);
    const again = await ask(`/v1/files/${body.id}`, { token: user.token, method: 'DELETE' });
    expect(again.status).toBe(404);
  });
});

describe('an upload is refused by name', () => {
  const boundary = { 'content-type': 'multipart/form-data; boundary=b' };
  const part = (head: string, value: string) =>
    `--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n${value}\r\n`;
  const file = part('name="file"; filename="a"', 'x');
  it.each<[string, FormData | string, Record<string, string>, number, string]>([
    ['without a file', formOf(null), {}, 400, 'file'],
    ['with an empty file', formOf(new File([], 'a')), {}, 400, 'file'],
    ['with another purpose', formOf(textFile(), { purpose: 'fine-tune' }), {}, 400, 'purpose'],
    ['with a field that is not known', formOf(textFile(), { colour: 'red' }), {}, 400, 'colour'],
    [
      'that lives too shortly',
      formOf(textFile(), { 'expires_after[seconds]': '60' }),
      {},
      400,
      'expires_after[seconds]',
    ],
    [
      'that lives too long',
      formOf(textFile(), { expires_in_seconds: '2592001' }),
      {},
      400,
      'expires_in_seconds',
    ],
    ['with a long field', formOf(textFile(), { purpose: 'x'.repeat(2_000) }), {}, 400, 'purpose'],
    ['with two files', `${file}${file}--b--`, boundary, 400, 'file'],
    ['that ends early', file, boundary, 400, 'form'],
    ['that is no form', 'x', boundary, 400, 'form'],
  ])('%s', async (_, form, headers, status, field) => {
    const user = await somebody();
    const answer = await send(form, { ...user, headers });
    expect(answer.status).toBe(status);
    expect(answer.body.error.message.startsWith(`${field}`)).toBe(true);
    expect(await objectsOf(user)).toEqual([]);
    expect((await get('/v1/files', user.token)).body.data ?? []).toEqual([]);
  });

  it('as JSON', async () => {
    const answer = await ask('/v1/files', { token: me.token, body: { purpose: 'user_data' } });
    expect(answer.status).toBe(415);
  });

  it('when its announced length is beyond any file', async () => {
    const answer = await send('x', { ...me, headers: { ...boundary, 'content-length': '40000000' } });
    expect(answer.status).toBe(413);
  });
});

describe('the list', () => {
  it('has pages in the form of each API', async () => {
    const user = await somebody();
    for (const name of ['1', '2', '3']) await send(formOf(textFile('x', name)), user);
    const names = ({ body }: Answer) => body.data.map(({ filename }) => filename);
    const first = await get('/v1/files?limit=2', user.token);
    expect(names(first)).toEqual(['3', '2']);
    expect(first.body).toMatchObject({ object: 'list', has_more: true, last_id: first.body.data[1]?.id });
    const second = await get(`/v1/files?limit=2&after=${first.body.last_id}`, user.token);
    expect([names(second), second.body.has_more]).toEqual([['1'], false]);
    expect(names(await get('/v1/files?order=asc', user.token))).toEqual(['1', '2', '3']);
    expect(names(await get('/v1/files?purpose=vision', user.token))).toEqual([]);
    const version = { 'anthropic-version': '2023-06-01' };
    const theirs = await get('/v1/files?limit=2', user.token, version);
    expect(names(theirs)).toEqual(['3', '2']);
    expect(theirs.body.data[0]).toMatchObject({
      type: 'file',
      mime_type: 'text/plain',
      size_bytes: 1,
      downloadable: true,
    });
    for (const page of [`page=${theirs.body.next_page}`, `after_id=${theirs.body.last_id}`])
      expect(names(await get(`/v1/files?${page}`, user.token, version))).toEqual(['1']);
    const before = await get(`/v1/files?before_id=${second.body.last_id}&limit=1`, user.token, version);
    expect([names(before), before.body.has_more]).toEqual([['2'], true]);
    expect((await get('/v1/files?after=nothing', user.token)).status).toBe(400);
  });
});

describe('a file is closed to', () => {
  const closed = async (id: string, asked: { token: string; hostname?: string }) => {
    for (const [method, path] of [
      ['GET', `/v1/files/${id}`],
      ['GET', `/v1/files/${id}/content`],
      ['DELETE', `/v1/files/${id}`],
    ] as const)
      expect((await ask(path, { ...asked, method })).status, `${method} ${path}`).toBe(404);
  };

  it('a colleague, an admin, and a user of another tenant', async () => {
    const { body } = await send(formOf(textFile()), me);
    const stranger = await newcomer(abroad);
    const elsewhere = await hostnameOf(abroad.tenant_id);
    await closed(body.id, await somebody());
    await closed(body.id, await somebody('admin'));
    await closed(body.id, { token: await tokenOf(stranger), hostname: elsewhere });
    expect((await get(`/v1/files/${body.id}`, me.token)).status).toBe(200);
  });

  it('keys without the scope, and keys of servers', async () => {
    const { body } = await send(formOf(textFile()), me);
    const write = await keyOf(me.token, ['executions:write']);
    const read = await keyOf(me.token, ['executions:read']);
    const asked = async (token: string, method: string, path: string) =>
      (await ask(path, { token, method })).status;
    for (const path of [`/v1/files/${body.id}`, `/v1/files/${body.id}/content`, '/v1/files']) {
      expect(await asked(write, 'GET', path)).toBe(403);
      expect(await asked(read, 'GET', path)).toBe(200);
    }
    expect(await asked(read, 'DELETE', `/v1/files/${body.id}`)).toBe(403);
    expect((await send(formOf(textFile()), { token: read })).status).toBe(403);
    const uploaded = await send(formOf(textFile()), { token: write });
    expect(uploaded.status).toBe(200);
    expect(await asked(write, 'DELETE', `/v1/files/${uploaded.body.id}`)).toBe(200);
    const { token: admin } = await somebody('admin');
    const made = await ask('/api/management-keys', {
      ...{ token: admin, body: { name: crypto.randomUUID(), scopes: ['users:read'] } },
    });
    const { secret } = await made.json<{ secret: string }>();
    expect((await send(formOf(textFile()), { token: secret })).status).toBe(403);
    expect(await asked(secret, 'GET', `/v1/files/${body.id}/content`)).toBe(403);
  });

  it('whoever invents an id', async () => {
    for (const id of [`file-${'0'.repeat(32)}`, 'file-x', '..%2F..%2Fanswers', '%00', "'"])
      await closed(id, me);
  });
});

describe('fifty uploads at once, with room for three', () => {
  it('store three files and three objects', async () => {
    const user = await somebody();
    await asOwner(sql`insert into user_files (tenant_id, user_id, id, filename, media_type, bytes, purpose, expires_at)
      select ${user.tenant_id}::uuid, ${user.user_id}::uuid, gen_random_uuid(), 'a', 'text/plain', 1, 'user_data', '2100-01-01'
      from generate_series(1, 997)`);
    const answers = await Promise.all(Array.from({ length: 50 }, () => send(formOf(textFile()), user)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
    const refused = answers.filter(({ status }) => status === 409);
    expect(refused).toHaveLength(47);
    expect(refused[0]?.body).toMatchObject({
      error: { code: 'too_many_files', details: { files: 1_000 } },
    });
    expect(refused[0]?.headers.get('x-should-retry')).toBe('false');
    expect(await objectsOf(user)).toHaveLength(3);
  });
});

/** A bucket whose methods fail as the platform's do. */
const failing = (...methods: (keyof R2Bucket)[]): Partial<Env> => ({
  OBJECTS: new Proxy(env.OBJECTS, {
    get: (bucket, name: keyof R2Bucket) =>
      methods.includes(name)
        ? () => Promise.reject(new Error('put: We encountered an internal error. Please try again. (10001)'))
        : (bucket[name] as (...args: unknown[]) => unknown).bind(bucket),
  }),
});

describe('while the bucket fails', () => {
  it.each<[string, number, Partial<Env>]>([
    ['a short', 100, failing('put')],
    ['a long', 12_000_000, failing('createMultipartUpload')],
  ])('%s upload is 503, and leaves nothing', async (_, size, bindings) => {
    const user = await somebody();
    const answer = await send(formOf(new File([new Uint8Array(size)], 'a')), { ...user, bindings });
    expect(answer).toMatchObject({ status: 503, body: { error: { code: 'unavailable' } } });
    expect(answer.headers.get('retry-after')).toBe('5');
    expect((await get('/v1/files', user.token)).body.data).toEqual([]);
    expect(await objectsOf(user)).toEqual([]);
  });

  it('a download is 503, and a prompt with a file is too, and nothing is held for it', async () => {
    const { body } = await send(formOf(textFile()), me);
    const bindings = failing('get');
    const content = await ask(`/v1/files/${body.id}/content`, { token: me.token, bindings });
    expect(content.status).toBe(503);
    const messages = [{ role: 'user', content: [{ type: 'file', file: { file_id: body.id } }] }];
    const asked = await ask('/v1/chat/completions', {
      token: me.token,
      bindings,
      body: { model: 'm', messages },
    });
    expect([asked.status, asked.headers.get('retry-after')]).toEqual([503, '5']);
    expect(asked.headers.get('x-execution-id')).toBeNull();
  });

  it('a deletion is done: what is left cannot be read', async () => {
    const { body } = await send(formOf(textFile()), me);
    const deleted = await ask(`/v1/files/${body.id}`, {
      ...{ token: me.token, method: 'DELETE', bindings: failing('delete') },
    });
    expect(deleted.status).toBe(200);
    expect((await get(`/v1/files/${body.id}/content`, me.token)).status).toBe(404);
  });
});

describe('the hourly sweep', () => {
  it('deletes expired files and their objects, and no others', async () => {
    const user = await somebody();
    const [gone, kept] = [await send(formOf(textFile()), user), await send(formOf(textFile('x')), user)];
    const uuid = gone.body.id.replace('file-', '');
    await asOwner(sql`update user_files set created_at = now() - interval '2 days', expires_at = now() - interval '1 day'
      where id = ${uuid}::uuid`);
    expect((await get(`/v1/files/${gone.body.id}`, user.token)).status).toBe(404);
    const { database, objects } = dependencies();
    await sweepExpiredFiles({ database, objects }, createLog('error', {}));
    expect(await objectsOf(user)).toEqual([1]);
    expect((await get('/v1/files', user.token)).body.data.map(({ id }) => id)).toEqual([kept.body.id]);
  });

  it('leaves no file readable whose object is gone', async () => {
    const { body } = await send(formOf(textFile()), me);
    const uuid = body.id.replace(/^file-(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    await env.OBJECTS.delete(fileKey({ tenantId: home.tenant_id, userId: me.user_id }, uuid));
    expect((await get(`/v1/files/${body.id}/content`, me.token)).status).toBe(404);
  });
});

describe('files end', () => {
  it('with the account of their user, rows and objects', async () => {
    const user = await somebody();
    const { body } = await send(formOf(textFile()), user);
    expect(await objectsOf(user)).toEqual([8]);
    const after: Promise<unknown>[] = [];
    const deps = dependencies({ waitUntil: (work) => after.push(work) });
    const email = `${user.user_id}@example.test`;
    const closed = await closeAccount(deps, claimsOf(user), { email }, 'https://acme.example');
    expect(closed.ok).toBe(true);
    await Promise.all(after);
    expect(await objectsOf(user)).toEqual([]);
    const [rows] = await asOwner(sql`select from user_files where user_id = ${user.user_id}`);
    expect(rows).toEqual([]);
    expect((await get(`/v1/files/${body.id}`, user.token)).status).toBe(403);
  });

  it('with their tenant, and those of other tenants stay', async () => {
    const user = await somebody();
    await send(formOf(textFile()), user);
    const tenant_id = crypto.randomUUID();
    await asOwner(sql`insert into tenants (id, slug, name, primary_color, status, deletion_due_at)
      values (${tenant_id}, ${`t-${tenant_id}`}, 'A tenant', '#123456', 'deleting', now())`);
    const keys = [1, 2].map((name) => `files/${tenant_id}/${crypto.randomUUID()}/${name}`);
    for (const key of keys) await env.OBJECTS.put(key, 'A secret');
    const { database, objects } = dependencies();
    await eraseDueTenants({ database, objects }, createLog('error', {}));
    const [tenants] = await asOwner(sql`select status from tenants where id = ${tenant_id}`);
    expect(tenants).toEqual([{ status: 'deleted' }]);
    expect((await env.OBJECTS.list({ prefix: `files/${tenant_id}/` })).objects).toEqual([]);
    expect(await objectsOf(user)).toEqual([8]);
  });

  it('with their tenant an hour later, if the bucket fails: until then the tenant is not done', async () => {
    const tenant_id = crypto.randomUUID();
    await asOwner(sql`insert into tenants (id, slug, name, primary_color, status, deletion_due_at)
      values (${tenant_id}, ${`t-${tenant_id}`}, 'A tenant', '#123456', 'deleting', now())`);
    const { database } = dependencies();
    const { OBJECTS: objects = env.OBJECTS } = failing('list');
    await eraseDueTenants({ database, objects }, createLog('error', {}));
    const [tenants] = await asOwner(sql`select status from tenants where id = ${tenant_id}`);
    expect(tenants).toEqual([{ status: 'deleting' }]);
  });
});

describe('a prompt that names a file', () => {
  const messages = (file_id: string) => [{ role: 'user', content: [{ type: 'file', file: { file_id } }] }];
  const chat = async (file_id: string, token = me.token) =>
    jsonOf(await ask('/v1/chat/completions', { token, body: { model: 'm', messages: messages(file_id) } }));

  it('is refused by the name of the field for a file of another, one that was deleted, and none', async () => {
    const other = await somebody();
    const theirs = await send(formOf(textFile()), other);
    const own = await send(formOf(textFile()), me);
    await ask(`/v1/files/${own.body.id}`, { token: me.token, method: 'DELETE' });
    for (const id of [theirs.body.id, own.body.id, 'file-none']) {
      const answer = await chat(id);
      expect(answer.status).toBe(400);
      expect(answer.body.error).toMatchObject({
        param: 'messages.0.content.0.file.file_id',
        message: expect.stringContaining('You have no such file'),
      });
    }
  });

  it('is refused for a file that no model takes', async () => {
    const { body } = await send(formOf(new File([Uint8Array.of(80, 75, 3, 4)], 'a.pdf')), me);
    const answer = await chat(body.id);
    expect(answer.body.error.message).toContain('a file of another type');
  });

  it('is refused for a text that breaks off being one', async () => {
    const text = new Uint8Array(8_000).fill(97);
    text[7_000] = 0xff;
    const { body } = await send(formOf(new File([text], 'a.txt')), me);
    expect((await chat(body.id)).body.error.message).toContain('not a text in UTF-8');
  });

  it('is refused when its files are larger than a body may be, each mention counted', async () => {
    const { body } = await send(formOf(new File(['%PDF-', new Uint8Array(3_000_000)], 'a.pdf')), me);
    const part = { type: 'file', file: { file_id: body.id } };
    const content = [part, part, part];
    const answer = await jsonOf(
      await ask('/v1/chat/completions', {
        ...{ token: me.token, body: { model: 'm', messages: [{ role: 'user', content }] } },
      }),
    );
    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatchObject({
      param: 'messages.0.content.2.file.file_id',
      message: expect.stringContaining('8388608 bytes together'),
    });
  });

  it('names at most fifty files', async () => {
    const content = Array.from({ length: 51 }, (_, at) => ({
      type: 'file',
      file: { file_id: `file-${at}` },
    }));
    const answer = await jsonOf(
      await ask('/v1/chat/completions', {
        ...{ token: me.token, body: { model: 'm', messages: [{ role: 'user', content }] } },
      }),
    );
    expect(answer.body.error.message).toContain('At most 50 files');
  });
});
