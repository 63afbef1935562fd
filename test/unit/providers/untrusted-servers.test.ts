import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createProvider } from '../../../worker/providers/create-provider.ts';
import type { ProviderResult } from '../../../worker/providers/provider.ts';
import { say } from './wire-cases.ts';

const kinds = ['openai', 'anthropic'] as const;

/** Runs `use` against a server that behaves as `listener` does. */
async function against<T>(listener: RequestListener, use: (base_url: string) => Promise<T>): Promise<T> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  try {
    return await use(`http://127.0.0.1:${address.port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const ask = (kind: (typeof kinds)[number], base_url: string): Promise<ProviderResult> =>
  createProvider({ kind, base_url, api_key: 'sk-test-1234567890', timeout_ms: 5_000 }).complete(
    { model: 'any', messages: say(['user', 'Hello']), max_output_tokens: 100 },
    new AbortController().signal,
  );

describe.each(kinds)('the %s adapter, calling a server nobody vouches for', (kind) => {
  it('does not follow a redirect', async () => {
    let arrived = 0;
    const elsewhere: RequestListener = (_request, response) => {
      arrived += 1;
      response.end('{}');
    };
    const result = await against(elsewhere, (location) =>
      against(
        (_request, response) => response.writeHead(307, { location }).end(),
        (base_url) => ask(kind, base_url),
      ),
    );
    expect(result).toMatchObject({
      ok: false,
      failure: { kind: 'invalid_response', status: 307, retryable: true },
    });
    expect(arrived).toBe(0);
  });

  it('stops reading an answer without end', async () => {
    const spaces = Buffer.alloc(1_024 * 1_024, ' ');
    const result = await against(
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const pour = () => {
          while (!response.destroyed && response.write(spaces));
        };
        response.on('drain', pour);
        pour();
      },
      (base_url) => ask(kind, base_url),
    );
    expect(result).toMatchObject({ ok: false, failure: { retryable: true } });
    expect(result.ok ? '' : result.failure.message).toContain('16 MiB');
  });

  it('sends it the key it was given and nothing from the environment', async () => {
    const platform = [
      'OPENAI_API_KEY',
      'OPENAI_ADMIN_KEY',
      'OPENAI_ORG_ID',
      'OPENAI_PROJECT_ID',
      'ANTHROPIC_API_KEY',
      'ANTHROPIC_AUTH_TOKEN',
    ];
    for (const name of platform) process.env[name] = `platform-${name}`;
    let headers = '';
    await against(
      (request, response) => {
        headers = JSON.stringify(request.headers);
        response.writeHead(500).end();
      },
      (base_url) => ask(kind, base_url),
    );
    for (const name of platform) delete process.env[name];
    expect(headers).toContain('sk-test-1234567890');
    expect(headers).not.toContain('platform-');
  });

  it.each(['null', '[]', '"text"', '{}', '{"error":{"message":"no"}}', '{"choices":[],"content":7}'])(
    'calls the successful body %s an invalid response',
    async (body) => {
      const result = await against(
        (_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(body),
        (base_url) => ask(kind, base_url),
      );
      expect(result).toMatchObject({ ok: false, failure: { kind: 'invalid_response', retryable: true } });
    },
  );

  it('calls a web page an invalid response', async () => {
    const result = await against(
      (_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Hello</h1>'),
      (base_url) => ask(kind, base_url),
    );
    expect(result).toMatchObject({ ok: false, failure: { kind: 'invalid_response' } });
  });
});
