import { backoffMs } from './backoff.ts';

/** Silence after which a ping is sent. */
const HEARTBEAT_MS = 30_000;
/** Without an answer after this time, the connection counts as lost. */
const ANSWER_MAX_MS = 5_000;
/** Closed without a closing handshake (RFC 6455, section 7.1.5). */
const ABNORMAL_CLOSURE = 1006;

type LastingSocketOptions = {
  url: string;
  /** Called for each connection, because the token in it may have changed. */
  protocols(): string[];
  onMessage(text: string): void;
  /** Called with true at the first message of a connection, and with false when it is lost. */
  onLive(isLive: boolean): void;
  /** Called when a connection ends or fails. Returns true to reconnect. `failures` counts those in a row. */
  shouldReturn(closeCode: number, failures: number): boolean;
};

/**
 * A WebSocket that reconnects, with backoff and jitter, or at once when it is woken. The server sends the first message, and
 * answers the text `ping` with `pong`.
 */
export class LastingSocket {
  readonly #options: LastingSocketOptions;
  #socket: WebSocket | null = null;
  /** The next timer: a connection attempt, a ping, or the deadline of an answer. */
  #next: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #isLive = false;

  constructor(options: LastingSocketOptions) {
    this.#options = options;
    this.#connect();
  }

  /** Reconnects at once, or checks the open connection. For when the network or the user returns. */
  wake(): void {
    if (this.#socket === null) this.#connect();
    else if (this.#socket.readyState === WebSocket.OPEN) this.#ping(this.#socket);
  }

  /** Gives up the connection when the network is gone. Reconnects later, or at once when woken. */
  drop(): void {
    if (this.#socket !== null) this.#lose(this.#socket, ABNORMAL_CLOSURE);
  }

  /** Closes the connection for good, without another callback. */
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
    socket.onmessage = ({ data }) => this.#receive(socket, String(data));
    socket.onclose = ({ code }) => this.#lose(socket, code);
    this.#next = setTimeout(() => this.#lose(socket, ABNORMAL_CLOSURE), ANSWER_MAX_MS);
  }

  #receive(socket: WebSocket, text: string): void {
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
    this.#next = setTimeout(() => this.#lose(socket, ABNORMAL_CLOSURE), ANSWER_MAX_MS);
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
