import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SimulatedDomains } from './domains/simulated-domains.ts';
import { type FaultSwitchboard, faultChange } from './faults.ts';
import { readJson, sendJson } from './http.ts';
import type { Mailbox } from './mail/mailbox.ts';
import type { RequestLog } from './request-log.ts';
import { describeIssues } from './simulated-api.ts';
import type { SimulatedTurnstile } from './turnstile/simulated-turnstile.ts';
import type { WebhookReceiver } from './webhooks/receiver.ts';

type ControlledParts = {
  faults: FaultSwitchboard;
  log: RequestLog;
  domains: SimulatedDomains;
  mailbox: Mailbox;
  turnstile: SimulatedTurnstile;
  webhooks: WebhookReceiver;
};

/** Serves the control endpoint, which sets faults and lists requests (docs/simulators.md). Returns false for other paths. */
export async function control(
  incoming: IncomingMessage,
  response: ServerResponse,
  path: string,
  { faults, log, domains, mailbox, turnstile, webhooks }: ControlledParts,
): Promise<boolean> {
  switch (`${incoming.method} ${path}`) {
    case 'GET /_control/faults':
      sendJson(response, 200, faults.read());
      return true;
    case 'PUT /_control/faults': {
      const change = faultChange.safeParse(await readJson(incoming));
      if (change.success) faults.change(change.data);
      if (change.success) sendJson(response, 200, faults.read());
      else sendJson(response, 400, { error: describeIssues(change.error) });
      return true;
    }
    case 'GET /_control/requests':
      sendJson(response, 200, log.read());
      return true;
    case 'POST /_control/reset':
      faults.reset();
      log.reset();
      domains.reset();
      mailbox.reset();
      turnstile.reset();
      webhooks.reset();
      sendJson(response, 200, faults.read());
      return true;
    default:
      return false;
  }
}
