import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** A program of the benchmarks that runs in a process of its own and talks by messages. */
export type Child = {
  pid: number;
  /** Sends a message and waits for the answer. One at a time. */
  ask<Answer>(message: object): Promise<Answer>;
  stop(): Promise<void>;
};

/** Rejects when the process ends before its next message. */
async function nextMessage<Message>(child: ChildProcess): Promise<Message> {
  const ended = new AbortController();
  const failure = once(child, 'exit', { signal: ended.signal }).then(([code]) => {
    throw new Error(`A process of the benchmark ended with ${code}: ${child.spawnargs.join(' ')}`);
  });
  failure.catch(() => undefined);
  try {
    const [message] = await Promise.race([once(child, 'message', { signal: ended.signal }), failure]);
    return message as Message;
  } finally {
    ended.abort();
  }
}

const childOf = (process: ChildProcess): Child => ({
  pid: process.pid ?? 0,
  ask<Answer>(message: object) {
    const answer = nextMessage<Answer>(process);
    process.send(message);
    return answer;
  },
  async stop() {
    if (process.exitCode !== null || process.signalCode !== null) return;
    const exited = once(process, 'exit');
    process.kill('SIGTERM');
    await exited;
  },
});

/** Starts a program of ours. It ends with this process, since it watches its channel. */
export function startChild(program: URL, args: string[] = []): Child {
  return childOf(fork(program, args, { execArgv: [] }));
}

/** Starts a server program of ours, and waits for the message with its port. */
export async function startServer(program: URL, args: string[] = []): Promise<Child & { port: number }> {
  const process = fork(program, args, { execArgv: [] });
  const { port } = await nextMessage<{ port: number }>(process);
  return { ...childOf(process), port };
}
