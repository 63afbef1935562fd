import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { readJson, sendJson } from '../http.ts';
import { describeIssues } from '../simulated-api.ts';
import { listPage, mailPage } from './pages.ts';
import { type KeptMail, sentMail } from './sent-mail.ts';

/** The path to which mails are handed, and the page that shows them, below the simulators' origin. */
export const MAIL_PATH = '/mail/send';
export const MAILBOX_PATH = '/mailbox';

/** The code that the service answers in a mode. */
const codes = {
  not_now: 'E_INTERNAL_SERVER_ERROR',
  rate_limited: 'E_RATE_LIMIT_EXCEEDED',
  suppressed: 'E_RECIPIENT_SUPPRESSED',
} as const;

const mailFault = z.strictObject({
  mode: z.enum(['none', 'not_now', 'rate_limited', 'suppressed']),
  /** The attempts that fail; all until changed if absent. */
  remaining: z.int().min(1).optional(),
  /** Only attempts at mails to this address. */
  to: z.email().optional(),
});
type MailFault = z.infer<typeof mailFault>;

const MAILS_KEPT = 500;

/** Cloudflare's Email Service as a mailbox: it takes mails, shows them on a page and in JSON, and fails when asked to. */
export class Mailbox {
  #mails: KeptMail[] = [];
  #fault: MailFault = { mode: 'none' };
  /** Attempts by address, failed ones included. */
  #attempts = new Map<string, number>();
  #made = 0;

  #codeFor(to: string): string | null {
    const { mode, remaining, to: only } = this.#fault;
    if (mode === 'none' || (only !== undefined && only !== to)) return null;
    if (remaining === 1) this.#fault = { mode: 'none' };
    else if (remaining !== undefined) this.#fault = { ...this.#fault, remaining: remaining - 1 };
    return codes[mode];
  }

  /** Takes a mail. Returns what the service answers. */
  #take(body: unknown): { code: string } | { message_id: string } {
    const parsed = sentMail.safeParse(body);
    if (!parsed.success) return { code: 'E_VALIDATION_ERROR' };
    const { to } = parsed.data;
    this.#attempts.set(to, (this.#attempts.get(to) ?? 0) + 1);
    const code = this.#codeFor(to);
    if (code !== null) return { code };
    this.#made += 1;
    const mail = { ...parsed.data, id: String(this.#made), at_ms: Date.now() };
    this.#mails = [mail, ...this.#mails].slice(0, MAILS_KEPT);
    return { message_id: mail.id };
  }

  #show(response: ServerResponse, path: string): void {
    const [, id, form] = /^\/mailbox\/(\d+)(\/html)?$/.exec(path) ?? [];
    const mail = this.#mails.find((one) => one.id === id);
    const page = id === undefined ? listPage(this.#mails) : mail && (form ? mail.html : mailPage(mail));
    response.writeHead(page === undefined ? 404 : 200, {
      'x-simulated': 'true',
      'content-type': 'text/html; charset=utf-8',
    });
    response.end(page ?? 'No such mail');
  }

  /** Forgets all mails and faults. */
  reset(): void {
    this.#mails = [];
    this.#attempts.clear();
    this.#fault = { mode: 'none' };
  }

  /** Answers the service, the mailbox's pages and its control. Returns false for other paths. */
  async handle(incoming: IncomingMessage, response: ServerResponse, url: URL): Promise<boolean> {
    const path = url.pathname;
    switch (`${incoming.method} ${path}`) {
      case `POST ${MAIL_PATH}`:
        sendJson(response, 200, this.#take(await readJson(incoming)));
        return true;
      case 'GET /_control/mails': {
        const to = url.searchParams.get('to');
        const mails = this.#mails.filter((mail) => to === null || mail.to === to);
        sendJson(response, 200, { mails, attempts: to === null ? null : (this.#attempts.get(to) ?? 0) });
        return true;
      }
      case 'PUT /_control/mails': {
        const fault = mailFault.safeParse(await readJson(incoming));
        if (fault.success) this.#fault = fault.data;
        if (fault.success) sendJson(response, 200, this.#fault);
        else sendJson(response, 400, { error: describeIssues(fault.error) });
        return true;
      }
      default:
        if (incoming.method !== 'GET' || !(path === MAILBOX_PATH || path.startsWith(`${MAILBOX_PATH}/`)))
          return false;
        this.#show(response, path);
        return true;
    }
  }
}
