import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { collectStream } from '../../../../worker/providers/chat/collect-stream.ts';
import type { ProviderResult, StreamEvent } from '../../../../worker/providers/provider.ts';
import { providerClient } from '../../../../worker/providers/provider-client.ts';
import { say } from '../wire-cases.ts';

const kinds = ['openai', 'anthropic', 'google'] as const;

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

const ask = async (kind: (typeof kinds)[number], base_url: string): Promise<ProviderResult> =>
  collectStream(
    await providerClient({ kind, base_url, secret: 'sk-test-1234567890', timeout_ms: 5_000 }).stream(
      { model: 'any', messages: say(['user', 'Hello']), max_output_tokens: 100 },
      new AbortController().signal,
      { first_event_timeout_ms: 5_000, idle_timeout_ms: 5_000 },
    ),
    100,
  );

/** An event of each provider's that says a kilobyte of text. */
const kilobyte = 'x'.repeat(1_000);
const textEvent = {
  openai: { choices: [{ index: 0, delta: { content: kilobyte } }] },
  anthropic: { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: kilobyte } },
  google: { candidates: [{ content: { parts: [{ text: kilobyte }] } }] },
};

function begin(kind: keyof typeof textEvent, base_url: string, timeout_ms = 5_000) {
  const provider = providerClient({ kind, base_url, secret: 'sk-test-1234567890', timeout_ms });
  const patience = { first_event_timeout_ms: 5_000, idle_timeout_ms: 5_000 };
  const request = { model: 'any', messages: say(['user', 'Hello']), max_output_tokens: 100 };
  return provider.stream(request, new AbortController().signal, patience);
}

/** Pours this without end, as fast as it is taken, and counts how much was. */
function pourer(chunk: string, status = 200) {
  const bytes = Buffer.from(chunk);
  let poured = 0;
  let isOpen = false;
  const listener: RequestListener = (_request, response) => {
    isOpen = true;
    response.on('close', () => {
      isOpen = false;
    });
    response.writeHead(status, { 'content-type': status === 200 ? 'text/event-stream' : 'application/json' });
    const pour = () => {
      let goesOn = true;
      while (goesOn && !response.destroyed) {
        goesOn = response.write(bytes);
        poured += bytes.byteLength;
      }
    };
    response.on('drain', pour);
    pour();
  };
  return { listener, poured: () => poured, isOpen: () => isOpen };
}

describe.each(['openai', 'anthropic', 'google'] as const)('a stream through the %s adapter', (kind) => {
  it('takes no more from the provider than its reader takes', async () => {
    const { listener, poured, isOpen } = pourer(`data: ${JSON.stringify(textEvent[kind])}\n\n`);
    await against(listener, async (base_url) => {
      const start = await begin(kind, base_url);
      if (!start.ok) throw new Error(start.failure.message);
      const events = start.events[Symbol.asyncIterator]();
      for (let i = 0; i < 10; i += 1) await events.next();
      await sleep(200);
      const held = poured();
      await sleep(200);
      // What fits into the sockets' buffers and not more: a reader that pulls for itself takes hundreds of megabytes.
      expect(poured()).toBe(held);
      expect(held).toBeLessThan(16 * 1_024 * 1_024);
      for (let i = 0; i < 20_000; i += 1) await events.next();
      expect(poured()).toBeGreaterThan(held);
      await events.return?.();
      await expect.poll(isOpen).toBe(false);
    });
  });

  it('does not collect an event without end', async () => {
    const { listener, isOpen } = pourer('x'.repeat(64 * 1_024));
    const start = await against(listener, async (base_url) => {
      const begun = await begin(kind, base_url);
      await expect.poll(isOpen).toBe(false);
      return begun;
    });
    expect(start).toMatchObject({ ok: false, failure: { kind: 'truncated', retryable: true } });
    expect(start.ok ? '' : start.failure.message).toContain('8 MiB');
  });

  it('does not follow a redirect', async () => {
    let arrived = 0;
    const elsewhere: RequestListener = (_request, response) => {
      arrived += 1;
      response.end();
    };
    const start = await against(elsewhere, (location) =>
      against(
        (_request, response) => response.writeHead(307, { location }).end(),
        (base_url) => begin(kind, base_url),
      ),
    );
    expect(start).toMatchObject({ ok: false, failure: { status: 307, retryable: true } });
    expect(arrived).toBe(0);
  });

  it('does not read an error without end', async () => {
    const { listener } = pourer(' '.repeat(1_024 * 1_024), 500);
    const start = await against(listener, (base_url) => begin(kind, base_url));
    expect(start).toMatchObject({ ok: false, failure: { retryable: true } });
  });

  it.each(['', '<h1>Hello</h1>', '{"error":{"message":"no"}}', ': nothing\n\n'])(
    'is no answer when the body is %j',
    async (body) => {
      const start = await against(
        (_request, response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).end(body),
        (base_url) => begin(kind, base_url),
      );
      expect(start).toMatchObject({ ok: false, failure: { kind: 'invalid_response', retryable: true } });
    },
  );

  it('quotes no key, whether it does not begin or breaks off', async () => {
    const error = { type: 'overloaded_error', message: 'No sk-test-1234567890 today', code: 503 };
    const broken = `data: ${JSON.stringify({ type: 'error', error })}\n\n`;
    for (const body of [broken, `data: ${JSON.stringify(textEvent[kind])}\n\n${broken}`]) {
      const told = await against(
        (_request, response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).end(body),
        async (base_url) => {
          const start = await begin(kind, base_url);
          if (!start.ok) return start.failure;
          for await (const event of start.events) if (event.type === 'failed') return event.failure;
          throw new Error('It did not fail');
        },
      );
      expect(told.message).toBe('No [key] today');
    }
  });

  it('is cut off when it ends before the answer does', async () => {
    const start = await against(
      (_request, response) => response.end(`data: ${JSON.stringify(textEvent[kind])}\n\n`),
      async (base_url) => {
        const begun = await begin(kind, base_url);
        if (!begun.ok) throw new Error(begun.failure.message);
        const events: StreamEvent[] = [];
        for await (const event of begun.events) events.push(event);
        return events;
      },
    );
    expect(start).toMatchObject([
      { type: 'text', text: kilobyte },
      { type: 'failed', failure: { kind: 'truncated', status: 200, retryable: true } },
    ]);
  });
});

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

describe.each(kinds)('a refusal at the %s adapter', (kind) => {
  const refusing = (status: number, headers: Record<string, string>, body: string) =>
    against(
      (_request, response) => response.writeHead(status, headers).end(body),
      (base_url) => ask(kind, base_url),
    );

  it('by a firewall’s page is about this request alone, and told without markup', async () => {
    const page = '<html><head><title>t</title></head><body><h1>Access denied</h1></body></html>';
    expect(await refusing(403, { 'content-type': 'text/html' }, page)).toMatchObject({
      ok: false,
      failure: { kind: 'content_filter', retryable: false, message: expect.stringMatching(/Access denied$/) },
    });
  });

  it('keeps the wait that its headers name', async () => {
    const body = JSON.stringify({ error: { message: 'slow down' } });
    const headers = { 'content-type': 'application/json', 'retry-after': '9' };
    expect(await refusing(429, headers, body)).toMatchObject({
      failure: { kind: 'rate_limited', retry_after_ms: 9_000 },
    });
  });
});
