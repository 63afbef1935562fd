import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** HTTP of the simulators: reads bodies, and sends whole, streamed or broken answers. */

const BODY_BYTES_MAX = 32 * 1_024 * 1_024;

/** Marks every answer as simulated. */
const SIMULATED = { 'x-simulated': 'true' };

/** Returns the body as text; an empty one if it is too large. */
export async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let received_bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    received_bytes += chunk.byteLength;
    if (received_bytes <= BODY_BYTES_MAX) chunks.push(chunk);
  }
  return received_bytes > BODY_BYTES_MAX ? '' : Buffer.concat(chunks).toString('utf8');
}

/** Returns the body parsed as JSON; undefined if it is too large or not JSON. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  try {
    return JSON.parse(await readText(request));
  } catch {
    return undefined;
  }
}

/** Returns the fields of a form; a file as its size in bytes, and several of one name as a list. */
export async function readForm(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const headers = { 'content-type': request.headers['content-type'] ?? '' };
  const form = await new Response(Buffer.concat(chunks), { headers }).formData();
  const shownOf = (value: string | File) => (typeof value === 'string' ? value : value.size);
  return Object.fromEntries(
    [...new Set(form.keys())].map((name) => {
      const values = form.getAll(name).map(shownOf);
      return [name, name.endsWith('[]') ? values : values[0]];
    }),
  );
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

/** Answers 200 with an empty body. */
export function sendEmpty(response: ServerResponse): void {
  response.writeHead(200, { ...SIMULATED, 'content-type': 'application/json', 'content-length': '0' });
  response.end();
}

type HalfBody = 'ended' | 'cut';

/** Sends a body. `ended` sends half of it as if it were whole, `cut` cuts the connection before the announced length. */
export function sendBytes(
  response: ServerResponse,
  { content_type, bytes }: { content_type: string; bytes: Buffer },
  how: HalfBody | 'whole' = 'whole',
): void {
  const half = bytes.subarray(0, Math.floor(bytes.byteLength / 2));
  const announced = how === 'ended' ? half : bytes;
  response.writeHead(200, {
    ...SIMULATED,
    'content-type': content_type,
    'content-length': String(announced.byteLength),
  });
  if (how === 'cut') response.write(half, () => response.destroy());
  else response.end(announced);
}

/** Sends half of a JSON body. */
export const sendHalfJson = (response: ServerResponse, body: object, how: HalfBody): void =>
  sendBytes(response, { content_type: 'application/json', bytes: Buffer.from(JSON.stringify(body)) }, how);

/**
 * A fault of a stream. In the middle: `hang` sends nothing more, `cut` cuts the connection, `garble` breaks an event and ends the
 * stream. `stay_open` keeps the connection open after the last event.
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
  // The next event without the end of its JSON.
  if (accident === 'garble') response.end(`${frames[half]?.trimEnd().slice(0, -5)}\n\n`);
  // The callback runs after everything written before it, so the frames arrive.
  else if (accident === 'cut') response.write('\n', () => response.destroy());
  else response.end();
}
