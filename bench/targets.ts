import type { PreparedRequest } from './load/connection.ts';
import { type BenchModel, modelName } from './models.ts';
import { BENCH_HOST, type BenchUser } from './stack/seed.ts';
import type { BenchStack } from './stack/stack.ts';
import type { RunningWorker } from './stack/worker.ts';

/** A gateway under load. */
export type Target = {
  name: string;
  side: 'us' | 'peer';
  port: number;
  /** Time that it waits before the first frame of a stream, whatever the upstream does. */
  pause_ms?: number;
  /** The processes that answer. */
  pids: number[];
  /** The requests to send in turn. */
  requests(model: BenchModel, stream: boolean): PreparedRequest[];
  /** Notes what is there before a load. */
  begin(): Promise<void>;
  /** Waits until the work that `requests` answered requests left behind is done. */
  settle(requests: number): Promise<void>;
};

/** Returns a chat completion, the same for every gateway but for its headers. */
export function chatRequest(
  model: string,
  stream: boolean,
  headers: Record<string, string>,
): PreparedRequest {
  const body = {
    model,
    messages: [{ role: 'user', content: 'Write a sentence with every letter of the alphabet.' }],
    max_tokens: 1_000,
    ...(stream ? { stream } : {}),
  };
  return {
    method: 'POST',
    path: '/v1/chat/completions',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

/** The product in `worker`, with the load spread over the wallets of `users`. */
export function ourTarget({ journal }: BenchStack, worker: RunningWorker, users: BenchUser[]): Target {
  return {
    name: users.length === 1 ? 'us, one wallet' : `us, ${users.length} wallets`,
    side: 'us',
    port: worker.port,
    pids: [worker.pid],
    requests: (model, stream) =>
      users.map(({ key }) =>
        chatRequest(modelName(model), stream, { host: BENCH_HOST, authorization: `Bearer ${key}` }),
      ),
    begin: () => journal.begin(),
    settle: (requests) => journal.waitFor(2 * requests),
  };
}
