import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { readJson, sendJson } from '../http.ts';
import { describeIssues } from '../simulated-api.ts';
import { WIDGET_SCRIPT } from './widget-script.ts';

/** The keys of the simulated widget. */
export const SIMULATED_SITE_KEY = 'simulated-site-key';
export const SIMULATED_SECRET_KEY = 'simulated-secret-key';

/** Tokens are valid for five minutes. */
const TOKEN_LIFETIME_MS = 300_000;

const turnstileFault = z.strictObject({
  /** `hang`: never answers; `error`: its own failure; `spent`: every token was used; `fail`: no token is genuine; `elsewhere`: it is of another hostname. */
  mode: z.enum(['none', 'hang', 'error', 'spent', 'fail', 'elsewhere']),
  /** The questions that fail; all until changed if absent. */
  remaining: z.int().min(1).optional(),
});
type TurnstileFault = z.infer<typeof turnstileFault>;

/** The content of a token of the simulated widget. */
const tokenContent = z.object({ hostname: z.string(), action: z.string(), at_ms: z.number() });

function contentOf(token: string): z.infer<typeof tokenContent> | null {
  const [, encoded = ''] = /^SIMULATED\.([\w-]+)\.[\w-]+$/.exec(token) ?? [];
  try {
    return tokenContent.parse(JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8')));
  } catch {
    return null;
  }
}

const question = z.object({
  secret: z.string(),
  response: z.string(),
  remoteip: z.string().optional(),
  idempotency_key: z.uuid().optional(),
});

const refused = (...codes: string[]) => ({ success: false, 'error-codes': codes });

/** Cloudflare's Turnstile: the script of a labelled widget, and `siteverify`, which fails when asked to. */
export class SimulatedTurnstile {
  #fault: TurnstileFault = { mode: 'none' };
  /** The key under which each token was used. */
  readonly #used = new Map<string, string>();

  reset(): void {
    this.#fault = { mode: 'none' };
    this.#used.clear();
  }

  /** Returns the fault of this question, and counts it. */
  #take(): TurnstileFault['mode'] {
    const { mode, remaining } = this.#fault;
    if (remaining === 1) this.#fault = { mode: 'none' };
    else if (remaining !== undefined) this.#fault = { mode, remaining: remaining - 1 };
    return mode;
  }

  #verify(body: unknown, mode: TurnstileFault['mode']): object {
    const asked = question.safeParse(body);
    if (!asked.success) return refused('bad-request');
    const { secret, response: token, idempotency_key = crypto.randomUUID() } = asked.data;
    if (secret !== SIMULATED_SECRET_KEY) return refused('invalid-input-secret');
    if (mode === 'error') return refused('internal-error');
    const content = contentOf(token);
    if (content === null || mode === 'fail') return refused('invalid-input-response');
    const usedUnder = this.#used.get(token) ?? idempotency_key;
    const isOld = Date.now() - content.at_ms > TOKEN_LIFETIME_MS;
    if (mode === 'spent' || isOld || usedUnder !== idempotency_key) return refused('timeout-or-duplicate');
    this.#used.set(token, idempotency_key);
    return {
      ...{ success: true, 'error-codes': [], challenge_ts: new Date(content.at_ms).toISOString() },
      ...{ action: content.action, hostname: mode === 'elsewhere' ? 'elsewhere.example' : content.hostname },
    };
  }

  /** Serves Turnstile's paths, and the one that sets its fault. Returns false for other paths. */
  async handle(incoming: IncomingMessage, response: ServerResponse, url: URL): Promise<boolean> {
    switch (`${incoming.method} ${url.pathname}`) {
      case 'GET /turnstile/v0/api.js':
        response.writeHead(200, { 'content-type': 'text/javascript', 'x-simulated': 'true' });
        response.end(WIDGET_SCRIPT);
        return true;
      case 'POST /turnstile/v0/siteverify': {
        const mode = this.#take();
        const verdict = this.#verify(await readJson(incoming), mode);
        if (mode !== 'hang') sendJson(response, 200, verdict);
        return true;
      }
      case 'PUT /_control/turnstile': {
        const change = turnstileFault.safeParse(await readJson(incoming));
        if (change.success) this.#fault = change.data;
        if (change.success) sendJson(response, 200, this.#fault);
        else sendJson(response, 400, { error: describeIssues(change.error) });
        return true;
      }
      default:
        return false;
    }
  }
}
