import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { readJson, readText, sendJson } from '../http.ts';
import { describeIssues } from '../simulated-api.ts';

/** The most requests that are kept for each name. */
const KEPT_MAX = 500;

/** `hang`: never answers; `redirect`: to another path of itself; `huge`: a body of 64 MB. */
const behaviour = z.strictObject({
  mode: z.enum(['ok', 'error', 'gone', 'redirect', 'hang', 'huge']),
  /** The requests that misbehave; all until changed if absent. */
  remaining: z.int().min(1).optional(),
});
type Behaviour = z.infer<typeof behaviour>;

export type ReceivedWebhook = {
  at_ms: number;
  path: string;
  id: string;
  timestamp: string;
  signature: string;
  body: string;
  answered: Behaviour['mode'];
};

/** True if one of the signatures is that of the secret. Written apart from the Worker, by Standard Webhooks. */
export function isSignedBy(secret: string, { id, timestamp, signature, body }: ReceivedWebhook): boolean {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest();
  return signature.split(' ').some((one) => {
    const [version, base64 = ''] = one.split(',');
    const given = Buffer.from(base64, 'base64');
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
}

const HUGE_CHUNKS = 1_024;
const CHUNK = Buffer.alloc(65_536, 'x');

/** A simulated server of a tenant, which receives webhooks at `/webhooks/<name>` and misbehaves when asked to. */
export class WebhookReceiver {
  readonly #received = new Map<string, ReceivedWebhook[]>();
  readonly #behaviours = new Map<string, Behaviour>();

  reset(): void {
    this.#received.clear();
    this.#behaviours.clear();
  }

  #take(name: string): Behaviour['mode'] {
    const { mode, remaining } = this.#behaviours.get(name) ?? { mode: 'ok' };
    if (remaining === 1) this.#behaviours.delete(name);
    else if (remaining !== undefined) this.#behaviours.set(name, { mode, remaining: remaining - 1 });
    return mode;
  }

  #answer(response: ServerResponse, name: string, mode: Behaviour['mode']): void {
    if (mode === 'hang') return;
    if (mode === 'redirect') {
      response.writeHead(302, { 'x-simulated': 'true', location: `/webhooks/${name}-elsewhere` });
      response.end();
    } else if (mode === 'huge') {
      response.writeHead(200, { 'x-simulated': 'true', 'content-type': 'text/plain' });
      let left = HUGE_CHUNKS;
      const more = (): void => {
        while (left-- > 0 && !response.destroyed)
          if (!response.write(CHUNK)) {
            response.once('drain', more);
            return;
          }
        response.end();
      };
      more();
    } else sendJson(response, { ok: 200, error: 500, gone: 410 }[mode], { simulated: true, mode });
  }

  async #receive(incoming: IncomingMessage, response: ServerResponse, name: string): Promise<void> {
    const body = await readText(incoming);
    const header = (field: string) => String(incoming.headers[field] ?? '');
    const answered = this.#take(name);
    const known = this.#received.get(name) ?? [];
    known.push({
      ...{ at_ms: Date.now(), path: incoming.url ?? '', id: header('webhook-id') },
      ...{ timestamp: header('webhook-timestamp'), signature: header('webhook-signature'), body, answered },
    });
    this.#received.set(name, known.slice(-KEPT_MAX));
    this.#answer(response, name, answered);
  }

  /** Serves the receiver's paths, and those that read and steer it. Returns false for other paths. */
  async handle(incoming: IncomingMessage, response: ServerResponse, url: URL): Promise<boolean> {
    const [, control, name] = /^(\/_control)?\/webhooks\/([\w-]{1,100})$/.exec(url.pathname) ?? [];
    if (name === undefined) return false;
    if (control === undefined) {
      if (incoming.method === 'POST') await this.#receive(incoming, response, name);
      else sendJson(response, 405, { error: 'Webhooks are posted' });
      return true;
    }
    if (incoming.method === 'GET') {
      sendJson(response, 200, { received: this.#received.get(name) ?? [] });
      return true;
    }
    const asked = behaviour.safeParse(await readJson(incoming));
    if (asked.success) this.#behaviours.set(name, asked.data);
    sendJson(
      response,
      asked.success ? 200 : 400,
      asked.success ? asked.data : { error: describeIssues(asked.error) },
    );
    return true;
  }
}
