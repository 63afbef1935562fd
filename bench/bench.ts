import path from 'node:path';
import pg from 'pg';
import type { WalletIdentity } from '../contracts/wallet/journal.ts';
import { startFloor } from './floor/floor.ts';
import { fillBigData } from './lists/big-data.ts';
import type { BenchOptions } from './options.ts';
import { litellm } from './peers/litellm.ts';
import { portkey } from './peers/portkey.ts';
import { type Child, startChild } from './stack/child.ts';
import { Cleanup } from './stack/cleanup.ts';
import type { Driver } from './stack/driver.ts';
import type { BenchUser } from './stack/seed.ts';
import { type BenchStack, benchFolder, root, startStack } from './stack/stack.ts';
import { ourTarget, type Target } from './targets.ts';

const knownPeers = { portkey, litellm };

/** The parts that rows share. Each is started when a row first asks for it. */
export class Bench {
  readonly options: BenchOptions;
  readonly say: (line: string) => void;
  readonly #cleanup = new Cleanup();
  #stack: Promise<BenchStack> | undefined;
  #generator: Child | undefined;
  #driver: Promise<Driver> | undefined;
  #bigData: Promise<string> | undefined;
  #rowLocks: Child | undefined;
  #peers: Promise<Target[]> | undefined;
  #floor: Promise<Target> | undefined;
  readonly #driverUsersFrom = new Map<string, number>();
  #driverUsersTaken = 0;

  constructor(options: BenchOptions, say: (line: string) => void) {
    this.options = options;
    this.say = say;
  }

  stack(): Promise<BenchStack> {
    this.#stack ??= this.#startStack();
    return this.#stack;
  }

  async #startStack(): Promise<BenchStack> {
    this.say('Building the Worker and starting it with Postgres ...');
    const stack = await startStack({
      inspected: this.options.profile,
      checkout: this.options.checkout ?? root,
    });
    this.#cleanup.add(() => stack.stop());
    return stack;
  }

  /** The process that sends load. */
  generator(): Child {
    this.#generator ??= this.#startChild(new URL('./load/generator.ts', import.meta.url));
    return this.#generator;
  }

  /** The product with the driver around it, which calls wallets without HTTP and counts what they do. */
  driver(): Promise<Driver> {
    this.#driver ??= this.stack().then((stack) => stack.startDriver());
    return this.#driver;
  }

  /** Users for one purpose: their wallets are in the driver's storage, and nobody else uses them. */
  async driverUsers(purpose: string, count: number): Promise<BenchUser[]> {
    const { driverUsers } = await this.stack();
    const first = this.#driverUsersFrom.get(purpose) ?? this.#driverUsersTaken;
    this.#driverUsersFrom.set(purpose, first);
    this.#driverUsersTaken = Math.max(this.#driverUsersTaken, first + count);
    if (this.#driverUsersTaken > driverUsers.length) throw new Error('The driver has too few users');
    return driverUsers.slice(first, first + count);
  }

  async driverWallets(purpose: string, count: number): Promise<WalletIdentity[]> {
    const users = await this.driverUsers(purpose, count);
    return users.map(({ tenant_id, id }) => ({ tenant_id, user_id: id }));
  }

  /** A connection to the database, for one role. */
  async databaseClient(url: string): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    this.#cleanup.add(() => client.end());
    return client;
  }

  /** Fills the database for the lists. Returns the connection string of a role that row security does not bind. */
  bigData(tenants: number): Promise<string> {
    this.#bigData ??= this.stack().then(({ superuserUrl }) => {
      this.say(`Filling the database with ${tenants} tenants ...`);
      return fillBigData(superuserUrl, tenants);
    });
    return this.#bigData;
  }

  /** The process with the wallets that are rows. */
  rowLocks(): Child {
    this.#rowLocks ??= this.#startChild(new URL('./row-locks/program.ts', import.meta.url));
    return this.#rowLocks;
  }

  #startChild(program: URL): Child {
    const child = startChild(program);
    this.#cleanup.add(() => child.stop());
    return child;
  }

  /** The product with one wallet and with all, and the peers. */
  async targets(): Promise<Target[]> {
    const stack = await this.stack();
    const { worker, users } = stack;
    const ours = [users.slice(0, 1), users].map((some) => ourTarget(stack, worker, some));
    return [...ours, ...(await this.peers())];
  }

  /** The other gateways that were asked for and can be installed. */
  peers(): Promise<Target[]> {
    this.#peers ??= this.#startPeers();
    return this.#peers;
  }

  /** The runtime without a product. */
  floor(): Promise<Target> {
    this.#floor ??= this.#startFloor();
    return this.#floor;
  }

  async #startFloor(): Promise<Target> {
    const { upstream } = await this.stack();
    const floor = await startFloor(path.join(benchFolder, 'floor'), upstream.port);
    this.#cleanup.add(() => floor.stop());
    return floor;
  }

  async #startPeers(): Promise<Target[]> {
    const { upstream } = await this.stack();
    const targets: Target[] = [];
    for (const [id, peer] of Object.entries(knownPeers)) {
      if (!this.options.peers.includes(id)) continue;
      this.say(`Starting ${peer.name} ${peer.version} ...`);
      try {
        const program = await peer.install(path.join(benchFolder, 'peers', id));
        const target = await peer.start(program, upstream.port);
        this.#cleanup.add(() => target.stop());
        targets.push(target);
      } catch (error) {
        this.say(`${peer.name} is not measured: ${error instanceof Error ? error.message : error}`);
      }
    }
    return targets;
  }

  stop(): Promise<void> {
    return this.#cleanup.run();
  }
}
