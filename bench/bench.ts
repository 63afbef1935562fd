import path from 'node:path';
import type { BenchOptions } from './options.ts';
import { litellm } from './peers/litellm.ts';
import { portkey } from './peers/portkey.ts';
import { type Child, startChild } from './stack/child.ts';
import { Cleanup } from './stack/cleanup.ts';
import { type BenchStack, benchFolder, root, startStack } from './stack/stack.ts';
import type { Target } from './targets.ts';

const knownPeers = { portkey, litellm };

/** What the rows share. Each part is started when a row first asks for it. */
export class Bench {
  readonly options: BenchOptions;
  readonly say: (line: string) => void;
  readonly #cleanup = new Cleanup();
  #stack: Promise<BenchStack> | undefined;
  #generator: Child | undefined;
  #peers: Promise<Target[]> | undefined;

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
    if (this.#generator === undefined) {
      const generator = startChild(new URL('./load/generator.ts', import.meta.url));
      this.#cleanup.add(() => generator.stop());
      this.#generator = generator;
    }
    return this.#generator;
  }

  /** The other gateways that were asked for and can be installed. */
  peers(): Promise<Target[]> {
    this.#peers ??= this.#startPeers();
    return this.#peers;
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
