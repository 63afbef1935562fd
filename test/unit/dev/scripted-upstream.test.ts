import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Script } from '../../../dev/simulators/script.ts';
import { type ScriptedUpstream, startScriptedUpstream } from '../../../dev/simulators/scripted-upstream.ts';

let upstream: ScriptedUpstream;
beforeAll(async () => {
  upstream = await startScriptedUpstream();
});
afterAll(() => upstream.stop());

const ask = (base: string, body: object = {}, path = '/v1/chat/completions', signal?: AbortSignal) =>
  fetch(`${base}${path}`, {
    method: 'POST',
    headers: { authorization: 'Bearer secret', 'x-kept': 'yes' },
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });

describe('a scripted upstream', () => {
  it('sends status, headers and body as they are written', async () => {
    const { base_url } = upstream.add({
      answers: [{ status: 429, headers: { 'retry-after': '7' }, body: '{"n": 2512292042121000001}' }],
    });
    const answer = await ask(base_url);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '7']);
    expect(await answer.text()).toBe('{"n": 2512292042121000001}');
  });

  it('sends the chunks of a stream, with its pauses', async () => {
    const { base_url } = upstream.add({ answers: [{ chunks: ['data: a\n\n', 60, { base64: 'YmM=' }] }] });
    const startedMs = performance.now();
    expect(await (await ask(base_url)).text()).toBe('data: a\n\nbc');
    expect(performance.now() - startedMs).toBeGreaterThan(50);
  });

  it('sends streams compressed and byte by byte', async () => {
    const { base_url } = upstream.add({
      answers: [
        { when: { stream: true }, gzip: true, chunks: ['zip'] },
        { bytewise: true, chunks: ['é'] },
      ],
    });
    const zipped = await ask(base_url, { stream: true });
    expect([zipped.headers.get('content-encoding'), await zipped.text()]).toEqual(['gzip', 'zip']);
    expect(await (await ask(base_url)).text()).toBe('é');
  });

  it('chooses an answer by the request, and steps on after its number of times', async () => {
    const { base_url } = upstream.add({
      answers: [
        { when: { present: ['a.0.b'] }, times: 1, status: 422 },
        { when: { contains: 'flagged' }, status: 403 },
        { when: { absent: ['c'] }, status: 201 },
      ],
    });
    const with_b = { a: [{ b: 1 }] };
    expect((await ask(base_url, with_b)).status).toBe(422);
    expect((await ask(base_url, with_b)).status).toBe(201);
    expect((await ask(base_url, { d: 'is flagged' })).status).toBe(403);
    expect((await ask(base_url, { c: 1 })).status).toBe(404);
  });

  it('knows only the paths it is told, and lists models there', async () => {
    const { base_url } = upstream.add({ answers: [{}], only_paths: ['/v1/models'] });
    expect((await fetch(`${base_url}/v1/models`)).status).toBe(200);
    expect((await fetch(`${base_url}/models`)).status).toBe(404);
    expect((await ask(base_url)).status).toBe(404);
  });

  it('records what it was asked, without keys', async () => {
    const { id, base_url } = upstream.add({ answers: [{}] });
    await ask(base_url, { model: 'm' });
    const [request] = upstream.requests(id);
    expect(request).toMatchObject({ method: 'POST', path: '/v1/chat/completions', body: { model: 'm' } });
    expect(request?.headers['x-kept']).toBe('yes');
    expect(JSON.stringify(request)).not.toContain('secret');
  });

  it('records when the caller hung up, and never ends if it is told so', async () => {
    const { id, base_url } = upstream.add({ answers: [{ chunks: ['a'], end: 'never' }] });
    const leaving = new AbortController();
    await ask(base_url, {}, '/v1/messages', leaving.signal);
    expect(upstream.requests(id)[0]?.left_at_ms).toBeNull();
    leaving.abort();
    await expect.poll(() => upstream.requests(id)[0]?.left_at_ms).toBeTypeOf('number');
  });

  it('breaks the connection if it is told so', async () => {
    const { base_url } = upstream.add({ answers: [{ chunks: ['a'], end: 'cut' }] });
    await expect((await ask(base_url)).text()).rejects.toThrow();
  });

  it('takes scripts from other processes, and tells them what it was asked', async () => {
    const script: Script = { answers: [{ body: { ok: true } }] };
    const added = await fetch(`${upstream.origin}/scripts`, {
      method: 'POST',
      body: JSON.stringify(script),
    });
    const { id, base_url } = (await added.json()) as { id: string; base_url: string };
    expect(await (await ask(base_url)).json()).toEqual({ ok: true });
    const told = await fetch(`${upstream.origin}/scripts/${id}/requests`);
    expect(await told.json()).toMatchObject({ requests: [{ method: 'POST' }] });
  });
});
