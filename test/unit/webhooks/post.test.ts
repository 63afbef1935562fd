import { expect, it } from 'vitest';
import { postEvent } from '../../../worker/webhooks/post.ts';

const answering =
  (status: number, body: BodyInit | null = null) =>
  async () =>
    new Response(body, {
      status,
      ...(status === 302 ? { headers: { location: 'https://elsewhere.example' } } : {}),
    });
const post = (fetch: Parameters<typeof postEvent>[0], timeout_ms?: number) =>
  postEvent(fetch, 'https://hooks.example/', { 'webhook-id': 'a' }, '{}', timeout_ms);

it.each([
  [200, null],
  [204, null],
  [302, 'redirect'],
  [400, 'status'],
  [404, 'status'],
  [410, 'status'],
  [500, 'status'],
])('the answer %i is the error %s', async (status, error) => {
  expect(await post(answering(status))).toMatchObject({ status, error });
});

it('an endpoint that does not answer in time, or cannot be reached, has no status', async () => {
  const hanging: Parameters<typeof postEvent>[0] = (_, init) =>
    new Promise((_resolve, reject) => {
      init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
    });
  expect(await post(hanging, 5)).toMatchObject({ status: null, error: 'timeout' });
  expect(await post(() => Promise.reject(new TypeError('refused')))).toMatchObject({
    status: null,
    error: 'unreachable',
  });
});

it('an endless answer is not read', async () => {
  let pulled = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled += 1;
      controller.enqueue(new Uint8Array(65_536));
    },
  });
  expect(await post(answering(200, endless))).toMatchObject({ error: null });
  expect(pulled).toBeLessThan(3);
});
