import { backoffMs } from './backoff.ts';

/** Silence after which the other end is asked whether it is still there. */
const HEARTBEAT_MS = 30_000;
/** An answer that takes longer than this does not come: networks change without a word. */
const PATIENCE_MS = 5_000;
/** RFC 6455, section 7.1.5: ended without a closing handshake. */
const ABNORMAL_CLOSURE = 1006;

type LastingSocketOptions = {
  url: string;
  /** Asked again for each connection: the token in it may have changed. */
  protocols(): string[];
  onMessage(text: string): void;
  /** True from the first word of a connection on, false as soon as it is lost. */
  onLive(isLive: boolean): void;
  /** A connection ended, or was never made: says whether to come back. `failures` counts those in a row. */
  shouldReturn(closeCode: number, failures: number): boolean;
};

/**
 * A WebSocket that comes back: with backoff and jitter, or at once when it is woken. The other end speaks first, and answers
 * the text `ping` with `pong`.
 */
export class LastingSocket {
  readonly #options: LastingSocketOptions;
  #socket: WebSocket | null = null;
  /** What happens next unless something else does: a try, a heartbeat, or the end of our patience. */
  #next: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #isLive = false;

  constructor(options: LastingSocketOptions) {
    this.#options = options;
    this.#connect();
  }

  /** The network is back, or somebody looks again: comes back at once, or makes sure of the connection there is. */
  wake(): void {
    if (this.#socket === null) this.#connect();
    else if (this.#socket.readyState === WebSocket.OPEN) this.#ping(this.#socket);
  }

  /** The network is gone: whatever the browser says, nothing arrives any more. Waits to be woken, or tries again itself. */
  drop(): void {
    if (this.#socket !== null) this.#lose(this.#socket, ABNORMAL_CLOSURE);
  }

  /** Ends it for good. Says nothing more. */
  close(): void {
    clearTimeout(this.#next);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #connect(): void {
    clearTimeout(this.#next);
    const socket = new WebSocket(this.#options.url, this.#options.protocols());
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#hear(socket, String(data));
    socket.onclose = ({ code }) => this.#lose(socket, code);
    this.#next = setTimeout(() => this.#lose(socket, ABNORMAL_CLOSURE), PATIENCE_MS);
  }

  #hear(socket: WebSocket, text: string): void {
    if (socket !== this.#socket) return;
    this.#failures = 0;
    clearTimeout(this.#next);
    this.#next = setTimeout(() => this.#ping(socket), HEARTBEAT_MS);
    this.#setLive(true);
    if (text !== 'pong') this.#options.onMessage(text);
  }

  #setLive(isLive: boolean): void {
    if (isLive === this.#isLive) return;
    this.#isLive = isLive;
    this.#options.onLive(isLive);
  }

  #ping(socket: WebSocket): void {
    clearTimeout(this.#next);
    this.#next = setTimeout(() => this.#lose(socket, ABNORMAL_CLOSURE), PATIENCE_MS);
    socket.send('ping');
  }

  #lose(socket: WebSocket, code: number): void {
    if (socket !== this.#socket) return;
    this.close();
    this.#failures += 1;
    this.#setLive(false);
    if (!this.#options.shouldReturn(code, this.#failures)) return;
    this.#next = setTimeout(() => this.#connect(), backoffMs(this.#failures, Math.random()));
  }
}
