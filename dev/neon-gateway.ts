import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';

/**
 * Speaks Neon's HTTP and WebSocket protocols to a local Postgres, so that @neondatabase/serverless runs unchanged. It
 * also counts round trips, by the application_name of the connection string, and can misbehave on demand.
 */

const query = z.object({ query: z.string(), params: z.array(z.unknown()).default([]) });
const queryBody = z.union([query, z.object({ queries: z.array(query) })]);
type Query = z.infer<typeof query>;

const faultsSchema = z.object({ mode: z.enum(['none', 'refuse', 'hang', 'reset_after_commit']) });
type FaultMode = z.infer<typeof faultsSchema>['mode'];

type Stats = {
  round_trips: Record<string, number>;
  statements: { application_name: string; query: string }[];
};

export type NeonGateway = {
  origin: string;
  port: number;
  stop(): Promise<void>;
};

const STATEMENTS_KEPT = 200;
/** How long a hanging gateway keeps a caller: longer than any caller should wait. */
const HANG_MS = 120_000;

/** Neon answers every value as Postgres' own text; the driver does the parsing. */
const rawText = { getTypeParser: () => (text: string) => text } as unknown as pg.CustomTypesConfig;

const isolationLevels: Record<string, string> = {
  ReadUncommitted: 'read uncommitted',
  ReadCommitted: 'read committed',
  RepeatableRead: 'repeatable read',
  Serializable: 'serializable',
};

function present(result: pg.QueryArrayResult<unknown[]>) {
  const fields = result.fields.map((field) => ({
    name: field.name,
    dataTypeID: field.dataTypeID,
    tableID: field.tableID,
    columnID: field.columnID,
    dataTypeSize: field.dataTypeSize,
    dataTypeModifier: field.dataTypeModifier,
    format: 'text',
  }));
  return { command: result.command, rowCount: result.rowCount, rowAsArray: true, fields, rows: result.rows };
}

function presentError(error: unknown) {
  const {
    message,
    code,
    severity,
    detail,
    hint,
    position,
    internalPosition,
    internalQuery,
    where,
    schema,
    table,
    column,
    dataType,
    constraint,
    file,
    line,
    routine,
  } = error as pg.DatabaseError;
  return {
    message,
    code,
    severity,
    detail,
    hint,
    position,
    internalPosition,
    internalQuery,
    where,
    schema,
    table,
    column,
    dataType,
    constraint,
    file,
    line,
    routine,
  };
}

const runQuery = (client: pg.PoolClient, { query: text, params }: Query) =>
  client.query<unknown[]>({ text, values: params, rowMode: 'array', types: rawText });

/** `begin` with what the batch's headers ask for. */
function beginStatement(headers: IncomingMessage['headers']): string {
  const level = isolationLevels[String(headers['neon-batch-isolation-level'] ?? '')];
  const words = ['begin'];
  if (level !== undefined) words.push(`isolation level ${level}`);
  if (headers['neon-batch-read-only'] === 'true') words.push('read only');
  if (headers['neon-batch-deferrable'] === 'true') words.push('deferrable');
  return words.join(' ');
}

async function runBatch(client: pg.PoolClient, queries: Query[], headers: IncomingMessage['headers']) {
  await client.query(beginStatement(headers));
  try {
    const results = [];
    for (const one of queries) results.push(present(await runQuery(client, one)));
    await client.query('commit');
    return { results };
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? null : JSON.parse(text);
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

class Gateway {
  readonly #pools = new Map<string, pg.Pool>();
  #stats: Stats = { round_trips: {}, statements: [] };
  #fault: FaultMode = 'none';

  #pool(connectionString: string): pg.Pool {
    const known = this.#pools.get(connectionString);
    if (known !== undefined) return known;
    const pool = new pg.Pool({ connectionString, max: 10 });
    // An idle connection that breaks (Postgres restarting) is the next query's concern.
    pool.on('error', () => undefined);
    this.#pools.set(connectionString, pool);
    return pool;
  }

  #count(connectionString: string, queries: Query[]): void {
    const name = new URL(connectionString).searchParams.get('application_name') ?? 'unnamed';
    this.#stats.round_trips[name] = (this.#stats.round_trips[name] ?? 0) + 1;
    this.#stats.statements.push(...queries.map((one) => ({ application_name: name, query: one.query })));
    this.#stats.statements.splice(0, this.#stats.statements.length - STATEMENTS_KEPT);
  }

  async #sql(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const connectionString = String(request.headers['neon-connection-string'] ?? '');
    const body = queryBody.parse(await readBody(request));
    const queries = 'queries' in body ? body.queries : [body];
    this.#count(connectionString, queries);
    if (this.#fault === 'refuse') return void response.destroy();
    if (this.#fault === 'hang') await sleep(HANG_MS, undefined, { ref: false });
    const client = await this.#pool(connectionString).connect();
    try {
      const result =
        'queries' in body
          ? await runBatch(client, body.queries, request.headers)
          : present(await runQuery(client, body));
      if (this.#fault === 'reset_after_commit') return void response.destroy();
      answer(response, 200, result);
    } finally {
      client.release();
    }
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = `${request.method} ${request.url}`;
    if (route === 'POST /sql') return this.#sql(request, response);
    if (route === 'GET /_stats') return answer(response, 200, this.#stats);
    if (route === 'POST /_stats/reset') {
      this.#stats = { round_trips: {}, statements: [] };
      return answer(response, 200, this.#stats);
    }
    if (route === 'PUT /_faults') {
      this.#fault = faultsSchema.parse(await readBody(request)).mode;
      return answer(response, 200, { mode: this.#fault });
    }
    answer(response, 404, { message: `No route ${route}` });
  }

  readonly handle = (request: IncomingMessage, response: ServerResponse): void => {
    this.#handle(request, response).catch((error) => answer(response, 400, presentError(error)));
  };

  async stop(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.end()));
  }
}

/** A WebSocket is a byte pipe to `?address=host:port`; only our own Postgres may be reached. */
function pipe(socket: WebSocket, postgresPort: number): void {
  const tcp = connectTcp(postgresPort, '127.0.0.1');
  tcp.on('data', (bytes) => socket.send(bytes));
  tcp.on('close', () => socket.close());
  tcp.on('error', () => socket.close());
  socket.on('message', (bytes: Buffer) => tcp.write(bytes));
  socket.on('close', () => tcp.destroy());
  socket.on('error', () => tcp.destroy());
}

/** Starts the gateway in front of the Postgres on `postgresPort`; port 0 takes any that is free. */
export async function startNeonGateway(postgresPort: number, port = 0): Promise<NeonGateway> {
  const gateway = new Gateway();
  const server = createServer(gateway.handle).listen(port, '127.0.0.1');
  await once(server, 'listening');
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => pipe(socket, postgresPort));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The gateway has no port');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    port: address.port,
    async stop() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      server.closeAllConnections();
      server.close();
      await gateway.stop();
    },
  };
}
