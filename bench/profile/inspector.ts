import { once } from 'node:events';
import WebSocket from 'ws';

/** A node of a CPU profile: a function as called from its parent. */
export type ProfileNode = {
  id: number;
  callFrame: { functionName: string; url: string; lineNumber: number; columnNumber: number };
  children?: number[];
};

/** A CPU profile as V8 gives it (https://chromedevtools.github.io/devtools-protocol/v8/Profiler/). */
export type CpuProfile = {
  nodes: ProfileNode[];
  samples: number[];
  timeDeltas: number[];
  startTime: number;
  endTime: number;
};

const SAMPLING_INTERVAL_US = 250;

type Target = { id: string; webSocketDebuggerUrl: string };

/** Returns the inspector's address of the isolate of `worker`. */
async function findIsolate(port: number, worker: string): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/json`);
  const targets = (await answer.json()) as Target[];
  const target = targets.find(({ id }) => id.endsWith(`:${worker}`));
  if (target === undefined) throw new Error(`workerd inspects ${targets.map(({ id }) => id)}, not ${worker}`);
  return `ws://127.0.0.1:${port}/${target.id}`;
}

/** Takes a CPU profile of the isolate of `worker` while `work` runs. */
export async function profileWhile(
  port: number,
  worker: string,
  work: () => Promise<void>,
): Promise<CpuProfile> {
  const socket = new WebSocket(await findIsolate(port, worker), { maxPayload: 1024 ** 3 });
  await once(socket, 'open');
  let calls = 0;
  const waiting = new Map<number, (message: { result?: unknown; error?: unknown }) => void>();
  socket.on('message', (data) => {
    const message = JSON.parse(String(data));
    waiting.get(message.id)?.(message);
    waiting.delete(message.id);
  });
  const call = (method: string, params: object = {}): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = ++calls;
      waiting.set(id, ({ result, error }) => (error === undefined ? resolve(result) : reject(error)));
      socket.send(JSON.stringify({ id, method, params }));
    });
  try {
    await call('Profiler.enable');
    await call('Profiler.setSamplingInterval', { interval: SAMPLING_INTERVAL_US });
    await call('Profiler.start');
    await work();
    const { profile } = (await call('Profiler.stop')) as { profile: CpuProfile };
    return profile;
  } finally {
    socket.close();
  }
}
