import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** The sockets' side of the simulators: reading a body, answering whole, in pieces, or not to the end. */

const BODY_BYTES_MAX = 32 * 1_024 * 1_024;

/** Says on every answer that nobody real gave it. */
const SIMULATED = { 'x-simulated': 'true' };

/** The body as JSON; undefined when it is too large or not JSON. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let received_bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    received_bytes += chunk.byteLength;
    if (received_bytes <= BODY_BYTES_MAX) chunks.push(chunk);
  }
  if (received_bytes > BODY_BYTES_MAX) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Answers with a JSON body. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { ...SIMULATED, 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** "Success", and then nothing. */
export function sendEmpty(response: ServerResponse): void {
  response.writeHead(200, { ...SIMULATED, 'content-type': 'application/json', 'content-length': '0' });
  response.end();
}

/** Half a JSON body: ended as if it were whole, or with the connection cut where more was promised. */
export function sendHalfJson(response: ServerResponse, body: object, how: 'ended' | 'cut'): void {
  const whole = Buffer.from(JSON.stringify(body));
  const half = whole.subarray(0, Math.floor(whole.byteLength / 2));
  const announced = how === 'ended' ? half : whole;
  response.writeHead(200, {
    ...SIMULATED,
    'content-type': 'application/json',
    'content-length': String(announced.byteLength),
  });
  if (how === 'ended') response.end(half);
  else response.write(half, () => response.destroy());
}

/**
 * What happens to a stream. Half way: nothing ever again comes, the connection is cut, or an event is broken and the stream ends.
 * After its last event: the connection stays open.
 */
export type StreamAccident = 'hang' | 'cut' | 'garble' | 'stay_open';

type StreamOptions = {
  /** Wait before every frame. */
  delay_ms: number;
  accident: StreamAccident | 'none';
};

/** Sends server-sent events until they end, the client leaves, or the chosen accident happens. */
export async function sendEvents(
  response: ServerResponse,
  frames: string[],
  { delay_ms, accident }: StreamOptions,
): Promise<void> {
  response.writeHead(200, { ...SIMULATED, 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  const half = Math.ceil(frames.length / 2);
  const isWhole = accident === 'none' || accident === 'stay_open';
  const sent = isWhole ? frames : frames.slice(0, half);
  for (const frame of sent) {
    if (delay_ms > 0) await sleep(delay_ms);
    if (response.destroyed) return;
    response.write(frame);
  }
  if (accident === 'hang' || accident === 'stay_open') return;
  // The next event as it would be, but for the end of its JSON.
  if (accident === 'garble') response.end(`${frames[half]?.trimEnd().slice(0, -5)}\n\n`);
  // The empty write runs its callback after all that was written before, so the frames do arrive.
  else if (accident === 'cut') response.write('\n', () => response.destroy());
  else response.end();
}
