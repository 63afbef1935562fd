import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { readJson, sendJson } from './http.ts';
import { listenLocally } from './local-server.ts';
import { chooseAnswer, type Piece, type Script, type ScriptedAnswer } from './script.ts';

/**
 * A provider that sends exactly what a script says, byte by byte, whatever the protocol. Each script has a prefix of its own, so
 * that its base URL is `${origin}/s/<id>`, with the `/v1` or `/v1beta` of the provider's kind. Other processes register a script with
 * `POST /scripts` and read what was asked with `GET /scripts/<id>/requests`. Run by itself: `node dev/simulators/scripted-upstream.ts`.
 */

/** A request as it reached the provider. */
export type RecordedRequest = {
  at_ms: number;
  method: string;
  /** The path after the script's prefix, with the query. */
  path: string;
  /** Without those that hold keys. */
  headers: Record<string, string>;
  /** Parsed JSON; undefined if it is none. */
  body: unknown;
  /** When the caller hung up before the answer's end. Null if it did not. */
  left_at_ms: number | null;
};

type Registered = { script: Script; requests: RecordedRequest[]; given: Map<ScriptedAnswer, number> };

const SECRET_HEADERS = new Set(['authorization', 'x-api-key', 'api-key', 'x-goog-api-key', 'cookie']);

/** A list of models that clients of every kind of provider can read. */
const MODELS = {
  object: 'list',
  data: [{ id: 'm', object: 'model', type: 'model', display_name: 'm', created_at: '2026-01-01T00:00:00Z' }],
  has_more: false,
  models: [{ name: 'models/m', displayName: 'm', supportedGenerationMethods: ['generateContent'] }],
};

const bytesOf = (piece: Exclude<Piece, number>): Buffer =>
  typeof piece === 'string' ? Buffer.from(piece) : Buffer.from(piece.base64, 'base64');

/** Returns the pieces as they are written: joined and compressed, or split into bytes, if the answer says so. */
function piecesOf({ chunks = [], gzip, bytewise }: ScriptedAnswer): (Buffer | number)[] {
  const pieces = chunks.map((piece) => (typeof piece === 'number' ? piece : bytesOf(piece)));
  if (gzip) return [gzipSync(Buffer.concat(pieces.filter((piece) => typeof piece !== 'number')))];
  if (!bytewise) return pieces;
  return pieces.flatMap((piece): (Buffer | number)[] =>
    typeof piece === 'number' ? [piece] : Array.from(piece, (byte): Buffer => Buffer.from([byte])),
  );
}

async function send(response: ServerResponse, answer: ScriptedAnswer, left: AbortSignal): Promise<void> {
  const pause = (ms: number) => sleep(ms, undefined, { signal: left });
  if (answer.delay_ms !== undefined) await pause(answer.delay_ms);
  const status = answer.status ?? 200;
  if (answer.chunks === undefined) {
    const { body = '' } = answer;
    response.writeHead(status, { 'content-type': 'application/json', ...answer.headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
    return;
  }
  const encoding = answer.gzip ? { 'content-encoding': 'gzip' } : {};
  response.writeHead(status, { 'content-type': 'text/event-stream', ...encoding, ...answer.headers });
  response.flushHeaders();
  for (const piece of piecesOf(answer)) {
    if (typeof piece === 'number') await pause(piece);
    // The callback runs when the piece has left, so that pieces are not joined on their way.
    else await new Promise((resolve) => response.write(piece, resolve));
  }
  if (answer.end === 'cut') response.destroy();
  else if (answer.end !== 'never') response.end();
}

async function play(
  incoming: IncomingMessage,
  response: ServerResponse,
  { script, requests, given }: Registered,
  path: string,
): Promise<void> {
  const leaving = new AbortController();
  const body = await readJson(incoming);
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).flatMap(([name, value]) =>
      SECRET_HEADERS.has(name) ? [] : [[name, String(value)]],
    ),
  );
  const method = incoming.method ?? 'GET';
  const recorded: RecordedRequest = { at_ms: Date.now(), method, path, headers, body, left_at_ms: null };
  requests.push(recorded);
  response.once('close', () => {
    if (response.writableFinished) return;
    recorded.left_at_ms = Date.now();
    leaving.abort();
  });
  const pathname = path.split('?', 1)[0] ?? '';
  const exists = script.only_paths?.includes(pathname) ?? true;
  if (exists && method === 'GET' && pathname.endsWith('/models')) return sendJson(response, 200, MODELS);
  const answer = exists ? chooseAnswer(script, { path: pathname, body }, given) : null;
  if (answer === null)
    return sendJson(response, 404, { error: { message: 'Nothing is scripted here', code: 'not_found' } });
  await send(response, answer, leaving.signal);
}

async function handle(
  incoming: IncomingMessage,
  response: ServerResponse,
  scripts: Map<string, Registered>,
  add: (script: Script) => { id: string },
): Promise<void> {
  const { method, url = '/' } = incoming;
  if (method === 'POST' && url === '/scripts')
    return sendJson(response, 201, add((await readJson(incoming)) as Script));
  const [, asked, played, path = '/'] =
    /^(?:\/scripts\/([^/]+)\/requests|\/s\/([^/?]+)(.*))$/.exec(url) ?? [];
  const registered = scripts.get(asked ?? played ?? '');
  if (registered === undefined) return sendJson(response, 404, { error: 'No such script' });
  if (asked !== undefined) return sendJson(response, 200, { requests: registered.requests });
  return play(incoming, response, registered, path);
}

export type ScriptedUpstream = {
  origin: string;
  /** Registers a script. Its base URL has no version: append `/v1` or `/v1beta` as the provider's kind needs it. */
  add(script: Script): { id: string; base_url: string };
  /** Returns the requests that a script was asked, in order, without those for the list of models. */
  requests(id: string): RecordedRequest[];
  stop(): Promise<void>;
};

/** Starts the server on 127.0.0.1, on a free port unless one is given. `stop` also ends the answers that never end. */
export async function startScriptedUpstream({ port = 0 }: { port?: number } = {}): Promise<ScriptedUpstream> {
  const scripts = new Map<string, Registered>();
  const add = (script: Script) => {
    const id = crypto.randomUUID();
    scripts.set(id, { script, requests: [], given: new Map() });
    return { id, base_url: `${origin}/s/${id}` };
  };
  const server = createServer((incoming, response) => {
    handle(incoming, response, scripts, add).catch((error: unknown) => {
      if (response.destroyed) return;
      console.error('The scripted upstream failed:', error);
      response.destroy();
    });
  });
  const { origin, stop } = await listenLocally(server, port);
  return {
    origin,
    add,
    requests: (id) => (scripts.get(id)?.requests ?? []).filter(({ method }) => method !== 'GET'),
    stop,
  };
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } });
  const upstream = await startScriptedUpstream({ port: Number(values.port) });
  console.log(`Scripted provider at ${upstream.origin}`);
  process.once('SIGINT', () => upstream.stop());
  process.once('SIGTERM', () => upstream.stop());
}
