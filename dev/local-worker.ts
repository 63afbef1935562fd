import { WorkerEntrypoint } from 'cloudflare:workers';
import product from '../worker/index.ts';
import { answerReplay } from './demo-history/replay.ts';

/** The Worker of the local stack: the product, and the stand-in for Cloudflare's Email Service that its binding EMAIL leads to. */
export { ExecutionRunner, GuessGuard, TenantWallet } from '../worker/index.ts';
export { ReplayingWallet as Wallet } from './demo-history/replay.ts';

export default {
  ...product,
  async fetch(request, env, ctx) {
    const replayed = await answerReplay(request, env as never);
    return replayed ?? product.fetch(request, env, ctx);
  },
} satisfies ExportedHandler<Env>;

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
