import { WorkerEntrypoint } from 'cloudflare:workers';

/** The Worker of the local stack: the product, and the stand-in for Cloudflare's Email Service that its binding EMAIL leads to. */
export { default, ExecutionRunner, GuessGuard, TenantWallet, Wallet } from '../worker/index.ts';

/** Has the methods of the binding `send_email`. Mails go to the mailbox of the simulators (docs/simulators.md). */
export class SimulatedMail extends WorkerEntrypoint<{ MAILBOX_URL: string }> {
  /** Hands a mail to the mailbox. Throws as the binding does; the code is in the message, since an RPC drops properties. */
  async send(mail: unknown): Promise<{ messageId: string }> {
    const answer = await fetch(this.env.MAILBOX_URL, { method: 'POST', body: JSON.stringify(mail) });
    const body = (await answer.json()) as { message_id: string } | { code: string };
    if ('code' in body) throw new Error(`${body.code}: simulated`);
    return { messageId: body.message_id };
  }
}
