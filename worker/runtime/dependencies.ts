import type { ExecutionJob } from '../../contracts/execution-job.ts';
import type { MailMessage } from '../../contracts/mail-message.ts';
import type { TryGuard } from '../../contracts/tries.ts';
import type { PolicyUpdate } from '../../contracts/wallet/policy-update.ts';
import type { WebhookMessage } from '../../contracts/webhooks/message.ts';
import type { TenantWallet } from '../../durable-objects/tenant-wallet/tenant-wallet.ts';
import type { Wallet } from '../../durable-objects/wallet/wallet.ts';
import type { Database } from '../db/client.ts';
import type { Log } from './log.ts';
import type { Settings } from './settings.ts';

/** The dependencies of a use case. They are passed in, so that use cases know neither HTTP nor the Worker's bindings. */
export type Dependencies = {
  settings: Settings;
  log: Log;
  database: Database;
  wallets: DurableObjectNamespace<Wallet>;
  tenantWallets: DurableObjectNamespace<TenantWallet>;
  /** Tells wallets later what they could not be told at once. */
  policyUpdates: Queue<PolicyUpdate>;
  /** Takes executions that go on in the background. */
  executionJobs: Queue<ExecutionJob>;
  /** Takes mails to send. */
  mailQueue: Queue<MailMessage>;
  /** Takes webhook endpoints with deliveries that are due. */
  webhooksQueue: Queue<WebhookMessage>;
  /** Counts tries of those who guess, sign up or ask for mails. */
  guards: { getByName(name: string): TryGuard };
  /** Holds files and kept answers, under keys of `worker/objects/`. */
  objects: R2Bucket;
  /** Lets work outlive the response, up to 30 s (platform limit). */
  waitUntil: (promise: Promise<unknown>) => void;
  requestId: string;
};
