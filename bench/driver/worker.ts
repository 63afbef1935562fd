import { DurableObject } from 'cloudflare:workers';
import type { JournalMessage, WalletIdentity } from '../../contracts/wallet/journal.ts';
import product, { Wallet as ProductWallet } from '../stack/worker-entry.ts';
import { countCall, counts, observeStorage, readCounts, resetCounts } from './counters.ts';
import { type PairsPlan, runPairs } from './pairs.ts';

/**
 * The product's Worker with a driver around it: it counts what wallets do, calls them without HTTP, holds their alarms back, and
 * lets time pass. Answers under /driver/; everything else is the product's.
 */

/** While true, wallets do none of the work of their alarms, so that entries gather. */
let alarmsAreHeld = false;

/** The queue of the journal, with its messages counted. */
const counted = (queue: Queue<JournalMessage>): Queue<JournalMessage> =>
  new Proxy(queue, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (first: unknown, ...rest: unknown[]) => {
        if (name === 'send') counts.messages++;
        if (name === 'sendBatch') counts.messages += Array.from(first as Iterable<unknown>).length;
        return value.call(target, first, ...rest);
      };
    },
  });

export class Wallet extends ProductWallet {
  constructor(ctx: DurableObjectState, env: Env) {
    observeStorage(ctx.storage);
    super(ctx, { ...env, JOURNAL_QUEUE: counted(env.JOURNAL_QUEUE) });
  }

  override async alarm(): Promise<void> {
    if (alarmsAreHeld) return;
    counts.alarms_run++;
    await super.alarm();
  }

  /** Does the work of the alarm at once. */
  async ring(): Promise<void> {
    await super.alarm();
  }
}

/** The names of a class's methods, with those that it inherits from other classes of ours. */
function methodsOf(prototype: object): string[] {
  const isOurs = (one: object | null): one is object => one !== null && one !== DurableObject.prototype;
  const above = Object.getPrototypeOf(prototype);
  return [...Object.getOwnPropertyNames(prototype), ...(isOurs(above) ? methodsOf(above) : [])];
}

for (const name of new Set(methodsOf(ProductWallet.prototype))) {
  if (['constructor', 'alarm'].includes(name)) continue;
  const method = Reflect.get(ProductWallet.prototype, name) as (...args: unknown[]) => unknown;
  if (typeof method !== 'function') continue;
  Object.defineProperty(Wallet.prototype, name, {
    value(this: ProductWallet, ...args: unknown[]) {
      countCall(name);
      return method.apply(this, args);
    },
  });
}

const ringAll = (env: Env, wallets: WalletIdentity[]) =>
  Promise.all(
    wallets.map(({ tenant_id, user_id }) => {
      const stub = env.WALLET.getByName(`${tenant_id}/${user_id}`) as unknown as { ring(): Promise<void> };
      return stub.ring();
    }),
  );

const realNow = Date.now.bind(Date);
const DAY_MS = 86_400_000;

/** Lets eight days pass for what is stored, and returns the rows that wallets write to forget it. */
async function prune(env: Env, wallets: WalletIdentity[]): Promise<number> {
  const before = readCounts().rows_written;
  Date.now = () => realNow() + 8 * DAY_MS;
  try {
    for (let last = -1; last !== readCounts().rows_written; ) {
      last = readCounts().rows_written;
      await ringAll(env, wallets);
    }
  } finally {
    Date.now = realNow;
  }
  return readCounts().rows_written - before;
}

type Commands = Record<string, (env: Env, body: never) => unknown>;

const commands: Commands = {
  '/driver/pairs': (env, plan: PairsPlan) => runPairs(env, plan),
  '/driver/counts': () => readCounts(),
  '/driver/reset': () => resetCounts(),
  '/driver/hold': () => {
    alarmsAreHeld = true;
  },
  '/driver/release': (env, wallets: WalletIdentity[]) => {
    alarmsAreHeld = false;
    return ringAll(env, wallets);
  },
  '/driver/prune': prune,
};

// The objects that the driver does not count.
export { ExecutionRunner, GuessGuard, TenantWallet } from '../stack/worker-entry.ts';

export default {
  ...product,
  async fetch(request, env, ctx) {
    const command = commands[new URL(request.url).pathname];
    if (command === undefined) return product.fetch(request, env, ctx);
    return Response.json((await command(env, (await request.json()) as never)) ?? null);
  },
  async queue(batch, env, ctx) {
    if (batch.queue === 'journal') counts.batches++;
    await product.queue(batch, env, ctx);
  },
} satisfies ExportedHandler<Env>;
