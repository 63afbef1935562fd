import { createRequire } from 'node:module';

/** The part of Miniflare's API that the benchmarks use. */
type MiniflareInstance = {
  ready: Promise<URL>;
  unsafeGetDirectURL(worker: string): Promise<URL>;
  getInspectorURL(): Promise<URL>;
  dispose(): Promise<void>;
};

type MiniflareModule = {
  Miniflare: new (options: unknown) => MiniflareInstance;
  convertV4MiniflareOptions(options: Record<string, unknown>): unknown;
};

/** Loads the Miniflare that belongs to wrangler, so that the runtime is the one of `npm start`. */
export function loadMiniflare(): MiniflareModule {
  const ours = createRequire(import.meta.url);
  return createRequire(ours.resolve('wrangler'))('miniflare') as MiniflareModule;
}

export type { MiniflareInstance };
