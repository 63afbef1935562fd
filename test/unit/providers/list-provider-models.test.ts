import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { providerKindIds } from '../../../contracts/catalog/provider-kinds.ts';
import { simulatedApis } from '../../../dev/simulators/apis.ts';
import { startSimulators } from '../../../dev/simulators/server.ts';
import { listProviderModels } from '../../../worker/providers/list-provider-models.ts';

let simulators: Awaited<ReturnType<typeof startSimulators>>;
beforeAll(async () => {
  simulators = await startSimulators();
});
afterAll(() => simulators.stop());

const kinds = providerKindIds.map((kind) => [kind, simulatedApis[kind].base_path] as const);

it.each(kinds)('a good key of %s is answered with the names of its models', async (kind, path) => {
  for (const base_url of [simulators.origin + path, `${simulators.origin}${path}/`]) {
    const answer = await listProviderModels({ kind, base_url, secret: 'sk-good', timeout_ms: 5_000 });
    if (!answer.ok) throw new Error(answer.failure.message);
    expect(answer.models.length).toBeGreaterThan(0);
    expect(answer.models.every((name) => !name.startsWith('models/'))).toBe(true);
  }
});

it.each(kinds)('a wrong key of %s is told from every other failure', async (kind, path) => {
  const target = { kind, base_url: simulators.origin + path, timeout_ms: 5_000 };
  expect(await listProviderModels({ ...target, secret: 'invalid-key' })).toMatchObject({
    ok: false,
    failure: { kind: 'authentication' },
  });
  const elsewhere = await listProviderModels({
    ...target,
    base_url: `${simulators.origin}/no`,
    secret: 'k',
  });
  expect(elsewhere).toMatchObject({ ok: false, failure: { kind: 'invalid_request', status: 404 } });
});

/** What becomes of an answer that no provider would give. */
async function listFrom(status: number, body: string) {
  const server = createServer((_, response) => response.writeHead(status).end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base_url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    return await listProviderModels({
      kind: 'openai',
      base_url,
      secret: 'sk-mine-12345',
      timeout_ms: 5_000,
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

it.each([
  ['nothing', ''],
  ['a page', '<html></html>'],
  ['another list', '{"data":[1,2]}'],
  ['an error that calls itself a success', '{"error":{"message":"no"}}'],
])('an answer that is %s is not a list of models', async (_, body) => {
  expect(await listFrom(200, body)).toMatchObject({ ok: false, failure: { kind: 'invalid_response' } });
});

it('of a list without end the first thousand are kept, and no name that is too long', async () => {
  const data = Array.from({ length: 5_000 }, (_, index) => ({
    id: index === 1 ? 'x'.repeat(201) : `m${index}`,
  }));
  const answer = await listFrom(200, JSON.stringify({ data }));
  expect(answer.ok && answer.models.slice(0, 2)).toEqual(['m0', 'm2']);
  expect(answer.ok && answer.models.length).toBe(1_000);
});

it('an error that repeats the key is told without it', async () => {
  const answer = await listFrom(401, '{"error":{"message":"sk-mine-12345 is wrong"}}');
  expect(answer).toMatchObject({ ok: false, failure: { message: '[key] is wrong' } });
});

it('a server that does not answer is given up on', async () => {
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base_url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const answer = await listProviderModels({ kind: 'openai', base_url, secret: 'k', timeout_ms: 50 });
  expect(answer).toMatchObject({ ok: false, failure: { kind: 'timeout' } });
  server.closeAllConnections();
  server.close();
});
