import { randomUUID } from 'node:crypto';
import type { MailMessage } from '../../contracts/mail-message.ts';
import type { WebhookEventType } from '../../contracts/webhooks/event.ts';
import type { WebhookMessage } from '../../contracts/webhooks/message.ts';
import { startSimulators } from '../../dev/simulators/server.ts';
import type { Told } from '../../worker/db/alerts/tell.ts';
import { projectJournal } from '../../worker/db/ledger/journal.ts';
import { keyRing } from '../../worker/runtime/key-ring.ts';
import { createLog } from '../../worker/runtime/log.ts';
import type { Settings } from '../../worker/runtime/settings.ts';
import { type DeliverDependencies, deliverDue } from '../../worker/webhooks/deliver.ts';
import { addWebhook } from '../../worker/webhooks/manage-endpoints.ts';
import { openReceiver } from '../support/webhook-receiver.ts';
import { got, startGovernedWorld } from './governed-world.ts';
import { entriesOf, messagesOf } from './journal-entries.ts';

/** Shared by tests of alerts and webhooks: a world with a simulated receiver, and queues that are lists. */

const settings = {
  KEY_RING: keyRing.parse(`1:${Buffer.alloc(32, 1).toString('base64')}`),
  PLATFORM_DOMAIN: 'platform.example',
  PLATFORM_HOSTNAMES: ['platform.example'],
  ALLOW_LOCAL_BASE_URLS: true,
  MAIL_FROM: 'platform@platform.example',
} as unknown as Settings;

type Sent<Body> = { body: Body; delaySeconds?: number };
const listOf = <Body>() => {
  const sent: Sent<Body>[] = [];
  const queue = { sendBatch: async (messages: Iterable<Sent<Body>>) => void sent.push(...messages) };
  return { sent, queue: queue as unknown as Queue<Body> };
};

export async function startWebhookWorld() {
  const world = await startGovernedWorld();
  const { own, worker, owner } = world;
  const simulators = await startSimulators();
  await owner.query('delete from webhook_endpoints');
  await owner.query('delete from alerts');
  const woken = listOf<WebhookMessage>();
  const mailed = listOf<MailMessage>();
  const deps = {
    ...{ database: worker, settings, requestId: 'a test', log: createLog('error', {}) },
    ...{ webhooksQueue: woken.queue, mailQueue: mailed.queue },
    waitUntil: () => undefined,
  };
  const { admin } = world;

  /** Creates an endpoint of the admin's tenant that a receiver of its own answers. */
  async function listen(event_types: WebhookEventType[] = ['wallet.credited'], caller = admin) {
    const receiver = openReceiver(simulators.origin, randomUUID());
    const request = { url: receiver.url, description: '', event_types, enabled: true };
    return { receiver, ...got(await addWebhook(deps, caller, request)) };
  }

  /** A wallet of the tenant with this many credits, whose entries have not arrived. */
  async function creditsOf(count: number) {
    const wallet = { tenant_id: own.tenant_id, user_id: await newUser() };
    const credit = (index: number) =>
      ({ kind: 'credit', operation_id: `credit/${index}`, amount: 10, lifetime: 10 }) as const;
    return messagesOf(
      {
        wallet,
        entries: entriesOf(
          wallet,
          Array.from({ length: count }, (_, index) => credit(index)),
        ),
      },
      100,
    );
  }

  async function newUser(): Promise<string> {
    const id = randomUUID();
    await owner.query(
      `insert into users (tenant_id, id, email, password_hash, level_id) select tenant_id, $2, $4, '-', level_id
       from users where tenant_id = $1 and id = $3`,
      [own.tenant_id, id, own.user_id, `${id}@example.test`],
    );
    return id;
  }

  const arrive = async (messages: Parameters<typeof projectJournal>[1]): Promise<Told | undefined> =>
    got(await projectJournal(worker, messages))[0];

  const deliver = (
    id: string,
    at_ms = Date.now() + 1_000,
    more: Partial<DeliverDependencies> = {},
    tenant_id = own.tenant_id,
  ) => deliverDue({ ...deps, now: () => at_ms, ...more }, { tenant_id, endpoint_id: id });

  return {
    ...world,
    ...{
      deps,
      claims: admin,
      listen,
      creditsOf,
      newUser,
      arrive,
      deliver,
      woken: woken.sent,
      mailed: mailed.sent,
    },
    async stop() {
      await simulators.stop();
      await world.database.stop();
    },
  };
}
