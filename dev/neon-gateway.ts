import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { batchOptions, presentError, queriesOf, runSql, type SqlRequest, sqlRequest } from './neon-sql.ts';
import { KEEP_ALIVE_MS } from './ports.ts';

/**
 * Speaks Neon's HTTP and WebSocket protocols in front of a local Postgres, so that @neondatabase/serverless runs unchanged.
 * It counts round trips by the application_name of the connection string, and injects faults on request:
 *
 *   GET  /_stats          { round_trips: { <application_name>: number }, statements: the last 200 }
 *   POST /_stats/reset
 *   PUT  /_faults         { mode }, for HTTP queries:
 *          none                 run the query and answer
 *          refuse               close the connection without running the query
 *          hang                 never answer, and do not run the query
 *          reset_after_commit   run the query, then close the connection instead of answering
 */

const faults = z.object({ mode: z.enum(['none', 'refuse', 'hang', 'reset_after_commit']) });
type FaultMode = z.infer<typeof faults>['mode'];

type Stats = {
  round_trips: Record<string, number>;
  statements: { application_name: string; query: string }[];
};

const STATEMENTS_KEPT = 200;
const STOP_TIMEOUT_MS = 2_000;

export type NeonGateway = { origin: string; port: number; stop(): Promise<void> };

class BadRequest extends Error {}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new BadRequest('The body is not JSON');
  }
}

function parseAs<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new BadRequest(z.prettifyError(parsed.error));
  return parsed.data;
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

class Gateway {
  readonly #postgresPort: number;
  readonly #pools = new Map<string, pg.Pool>();
  #stats: Stats = { round_trips: {}, statements: [] };
  #fault: FaultMode = 'none';

  constructor(postgresPort: number) {
    this.#postgresPort = postgresPort;
  }

  /** Takes user, database and application name from the connection string. The host is always the local Postgres. */
  #pool(connectionString: string): pg.Pool {
    const known = this.#pools.get(connectionString);
    if (known !== undefined) return known;
    if (!URL.canParse(connectionString)) throw new BadRequest('Neon-Connection-String is missing or no URL');
    const url = new URL(connectionString);
    url.host = `127.0.0.1:${this.#postgresPort}`;
    url.searchParams.delete('sslmode');
    url.searchParams.delete('channel_binding');
    const pool = new pg.Pool({ connectionString: url.href, max: 20 });
    // An idle connection that breaks is ignored. One that breaks in use fails its query.
    pool.on('error', () => undefined);
    pool.on('connect', (client) => client.on('error', () => undefined));
    this.#pools.set(connectionString, pool);
    return pool;
  }

  #count(connectionString: string, request: SqlRequest): void {
    const name = new URL(connectionString).searchParams.get('application_name') ?? 'unnamed';
    this.#stats.round_trips[name] = (this.#stats.round_trips[name] ?? 0) + 1;
    const statements = queriesOf(request).map(({ query }) => ({ application_name: name, query }));
    this.#stats.statements = [...this.#stats.statements, ...statements].slice(-STATEMENTS_KEPT);
  }

  async #sql(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const connectionString = String(request.headers['neon-connection-string'] ?? '');
    const pool = this.#pool(connectionString);
    const options = parseAs(batchOptions, request.headers);
    const asked = parseAs(sqlRequest, await readBody(request));
    this.#count(connectionString, asked);
    if (this.#fault === 'hang') return;
    if (this.#fault === 'refuse') {
      response.destroy();
      return;
    }
    const client = await pool.connect();
    try {
      const result = await runSql(client, asked, options);
      if (this.#fault === 'reset_after_commit') response.destroy();
      else answer(response, 200, result);
    } finally {
      // The connection is reused: session settings must not reach the next caller. A connection that cannot be reset is dropped.
      const cleaned = await client.query('discard all').then(
        () => true,
        () => false,
      );
      client.release(!cleaned);
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    switch (`${request.method} ${request.url}`) {
      case 'POST /sql':
        return this.#sql(request, response);
      case 'GET /_stats':
        return answer(response, 200, this.#stats);
      case 'POST /_stats/reset':
        this.#stats = { round_trips: {}, statements: [] };
        return answer(response, 200, this.#stats);
      case 'PUT /_faults':
        this.#fault = parseAs(faults, await readBody(request)).mode;
        return answer(response, 200, { mode: this.#fault });
      default:
        return answer(response, 404, { message: `There is no ${request.method} ${request.url}` });
    }
  }

  /** Answers 400 for a faulty statement or request, like Neon. The driver reads a JSON error only from a 400. */
  readonly handle = (request: IncomingMessage, response: ServerResponse): void => {
    this.#route(request, response).catch((error: Error) => {
      if (response.headersSent || response.destroyed) return;
      if (error instanceof pg.DatabaseError) answer(response, 400, presentError(error));
      else if (error instanceof BadRequest) answer(response, 400, { message: error.message });
      else answer(response, 503, { message: `Postgres cannot be reached: ${error.message}` });
    });
  };

  async stop(): Promise<void> {
    const ended = Promise.all([...this.#pools.values()].map((pool) => pool.end()));
    await Promise.race([ended, sleep(STOP_TIMEOUT_MS, undefined, { ref: false })]);
  }
}

/** Pipes a WebSocket to Postgres, and ignores the address that it asks for. */
function pipe(socket: WebSocket, postgresPort: number): void {
  const tcp = connectTcp(postgresPort, '127.0.0.1');
  tcp.on('data', (bytes) => socket.send(bytes));
  tcp.on('close', () => socket.close());
  tcp.on('error', () => socket.close());
  socket.on('message', (bytes: Buffer) => tcp.write(bytes));
  socket.on('close', () => tcp.destroy());
  socket.on('error', () => tcp.destroy());
}

/** Starts the gateway on a free port of 127.0.0.1, in front of the Postgres on `postgresPort`. */
export async function startNeonGateway(postgresPort: number): Promise<NeonGateway> {
  const gateway = new Gateway(postgresPort);
  const server = createServer(gateway.handle);
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sockets = new WebSocketServer({ server, path: '/v2' });
  sockets.on('connection', (socket) => pipe(socket, postgresPort));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The gateway has no port');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    port: address.port,
    async stop() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      server.close();
      server.closeAllConnections();
      await gateway.stop();
    },
  };
}
