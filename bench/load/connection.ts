import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { AnswerReader } from './answer-reader.ts';

/** An answer and when its parts came, in milliseconds after the request was sent. */
export type TimedAnswer = { status: number; text: string; first_byte_ms: number; total_ms: number };

const ANSWER_TIMEOUT_MS = 60_000;

/**
 * One kept-alive connection that sends prepared bytes and reads answers, one at a time. Written by hand, because an HTTP client
 * costs more than some of what it measures.
 */
export class Connection {
  readonly #socket: Socket;
  #waiting: { resolve: (answer: TimedAnswer) => void; reject: (error: Error) => void } | undefined;
  #reader = new AnswerReader();
  #sentAtMs = 0;
  #firstByteMs = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => socket.destroy(new Error('No answer in time')));
    socket.on('data', (bytes: Buffer) => this.#onData(bytes));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('The connection was closed')));
  }

  static async open(port: number): Promise<Connection> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new Connection(socket);
  }

  send(request: Buffer): Promise<TimedAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) return reject(new Error('The connection is closed'));
      this.#waiting = { resolve, reject };
      this.#reader = new AnswerReader();
      this.#firstByteMs = 0;
      this.#sentAtMs = performance.now();
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  get isClosed(): boolean {
    return this.#socket.destroyed;
  }

  #onData(bytes: Buffer): void {
    const isComplete = this.#reader.push(bytes);
    const elapsedMs = performance.now() - this.#sentAtMs;
    if (this.#firstByteMs === 0 && this.#reader.hasBody) this.#firstByteMs = elapsedMs;
    if (!isComplete) return;
    const { status, text } = this.#reader;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve({ status, text, first_byte_ms: this.#firstByteMs, total_ms: elapsedMs });
  }

  #fail(error: Error): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(error);
  }
}

export type PreparedRequest = {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
};

/** Writes a request as the bytes that go over the wire. */
export function bytesOf({ method, path, headers, body }: PreparedRequest): Buffer {
  const length = body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const lines = Object.entries({ ...headers, ...length }).map(([name, value]) => `${name}: ${value}`);
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
}
