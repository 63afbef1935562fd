import { z } from 'zod';
import { Wallet as ProductWallet } from '../../durable-objects/wallet/wallet.ts';
import { type PastCommand, REPLAY_PATH } from './past-commands.ts';

/**
 * The part of a demo history that runs in the local Worker: a wallet that carries out commands at the times at which they happened. The rules,
 * the ledger and its hashes are the product's own.
 */

type Answer = { ok: true } | { ok: false; code: string };

/** The product's wallet, which can also carry out commands of the past. */
export class ReplayingWallet extends ProductWallet {
  /** Carries out commands in their order. Throws at the first that is refused. Nothing else may use the Worker meanwhile: its clock is set. */
  async replay(commands: PastCommand[]): Promise<number> {
    const clock = Date.now;
    try {
      for (const past of commands) {
        Date.now = () => past.at_ms;
        const answer = await this.#carryOut(past);
        if (!answer.ok) throw new Error(`A command of the demo history was refused: ${answer.code}`);
      }
    } finally {
      Date.now = clock;
    }
    return commands.length;
  }

  #carryOut(past: PastCommand): Promise<Answer> {
    switch (past.method) {
      case 'reserve':
        return this.reserve(past.command);
      case 'settle':
        return this.settle(past.command);
      case 'release':
        return this.release(past.command);
      case 'credit':
        return this.credit(past.command);
    }
  }
}

/** The wallets' namespace, whose class is {@link ReplayingWallet} in the local stack. */
type ReplayEnv = {
  HISTORY_TOKEN?: string;
  WALLET: { getByName(name: string): { replay(commands: PastCommand[]): Promise<number> } };
};

/** The commands are checked by the wallet. */
const history = z.object({ wallet: z.string(), commands: z.array(z.unknown()) });

/** Answers a request with a wallet's history. Null for any other request, and without the token of this run. */
export async function answerReplay(request: Request, env: ReplayEnv): Promise<Response | null> {
  const { HISTORY_TOKEN: token } = env;
  if (!token || new URL(request.url).pathname !== REPLAY_PATH) return null;
  if (request.headers.get('authorization') !== `Bearer ${token}`) return null;
  const { wallet, commands } = history.parse(await request.json());
  return Response.json({ replayed: await env.WALLET.getByName(wallet).replay(commands as PastCommand[]) });
}
