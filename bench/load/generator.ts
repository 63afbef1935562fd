import { setTimeout as sleep } from 'node:timers/promises';
import { bytesOf, Connection, type PreparedRequest, type TimedAnswer } from './connection.ts';

/** Sends load, in a process of its own: gets a {@link Load} as a message and answers with a {@link LoadResult}. */

/** Requests sent over `connections` connections, each with the next of `requests` as soon as its last answer is complete. */
export type Load = {
  port: number;
  connections: number;
  requests: PreparedRequest[];
  /** Text that every answer has, and how often. */
  expected: { text: string; times: number };
  /** Ends after this time, or after `requests_max` requests. */
  duration_ms: number;
  requests_max?: number;
  /** Time from an answer to the next request of its connection. */
  pause_ms?: number;
};

export type LoadResult = {
  requests: number;
  seconds: number;
  /** Times of each answer, ascending. */
  total_ms: number[];
  first_byte_ms: number[];
  /** Each kind of wrong answer with its number. */
  errors: Record<string, number>;
};

const countOf = (text: string, part: string) => text.split(part).length - 1;

/** Returns what is wrong with an answer, or null. */
function faultOf({ status, text }: TimedAnswer, { expected }: Load): string | null {
  if (status !== 200) return `status ${status}: ${text.slice(0, 200)}`;
  const times = countOf(text, expected.text);
  return times === expected.times ? null : `the text ${times} times: ${text.slice(0, 200)}`;
}

async function run(load: Load): Promise<LoadResult> {
  const requests = load.requests.map(bytesOf);
  const total_ms: number[] = [];
  const first_byte_ms: number[] = [];
  const errors: Record<string, number> = {};
  const note = (error: string) => {
    errors[error] = (errors[error] ?? 0) + 1;
  };
  let sent = 0;
  const startedMs = performance.now();
  const isOver = () =>
    sent >= (load.requests_max ?? Number.POSITIVE_INFINITY) ||
    performance.now() - startedMs >= load.duration_ms;
  const drive = async (connection: Connection) => {
    while (!isOver() && !connection.isClosed) {
      const request = requests[sent++ % requests.length] ?? Buffer.alloc(0);
      const answer = await connection.send(request).catch((error: Error) => error.message);
      if (load.pause_ms !== undefined) await sleep(load.pause_ms);
      const fault = typeof answer === 'string' ? answer : faultOf(answer, load);
      if (fault !== null) note(fault);
      else if (typeof answer !== 'string') {
        total_ms.push(answer.total_ms);
        first_byte_ms.push(answer.first_byte_ms);
      }
    }
  };
  const connections = await Promise.all(
    Array.from({ length: load.connections }, () => Connection.open(load.port)),
  );
  await Promise.all(connections.map(drive));
  const seconds = (performance.now() - startedMs) / 1_000;
  for (const connection of connections) connection.close();
  const ascending = (one: number, other: number) => one - other;
  return {
    requests: total_ms.length,
    seconds,
    total_ms: total_ms.sort(ascending),
    first_byte_ms: first_byte_ms.sort(ascending),
    errors,
  };
}

process.on('message', (load: Load) => {
  run(load).then(
    (result) => process.send?.(result),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.once('disconnect', () => process.exit(0));
