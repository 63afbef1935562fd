import { backoffMs } from './backoff.ts';

/** Silence after which a ping is sent. */
const HEARTBEAT_MS = 30_000;
/** Without an answer after this time, the connection counts as lost. */
const ANSWER_MAX_MS = 5_000;
/** Closed without a closing handshake (RFC 6455, section 7.1.5). */
const ABNORMAL_CLOSURE = 1006;

type LastingSocketOptions = {
  url: string;
  /** Called for each connection, because each needs a ticket of its own. A rejection counts as a lost connection. */
  protocols(): Promise<string[]>;
  onMessage(text: string): void;
  /** Called with true at the first message of a connection, and with false when it is lost. */
  onLive(isLive: boolean): void;
  /** Called when a connection ends or fails. Returns true to reconnect. `failures` counts those in a row. */
  shouldReturn(closeCode: number, failures: number): boolean;
};

/** A connection, or the try to make one: its socket follows once its protocols are known. */
type Attempt = { socket: WebSocket | null };

/**
 * A WebSocket that reconnects, with backoff and jitter, or at once when it is woken. The server sends the first message, and
 * answers the text `ping` with `pong`.
 */
export class LastingSocket {
  readonly #options: LastingSocketOptions;
  /** Null while it waits for its next attempt, or is closed. */
  #current: Attempt | null = null;
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
    const current = this.#current;
    if (current === null) this.#connect();
    else if (current.socket?.readyState === WebSocket.OPEN) this.#ping(current, current.socket);
  }

  /** Gives up the connection when the network is gone. Reconnects later, or at once when woken. */
  drop(): void {
    if (this.#current !== null) this.#lose(this.#current, ABNORMAL_CLOSURE);
  }

  /** Closes the connection for good, without another callback. */
  close(): void {
    clearTimeout(this.#next);
    const current = this.#current;
    this.#current = null;
    current?.socket?.close();
  }

  #connect(): void {
    clearTimeout(this.#next);
    const attempt: Attempt = { socket: null };
    this.#current = attempt;
    this.#next = setTimeout(() => this.#lose(attempt, ABNORMAL_CLOSURE), ANSWER_MAX_MS);
    this.#options.protocols().then(
      (protocols) => this.#open(attempt, protocols),
      () => this.#lose(attempt, ABNORMAL_CLOSURE),
    );
  }

  #open(attempt: Attempt, protocols: string[]): void {
    if (attempt !== this.#current) return;
    const socket = new WebSocket(this.#options.url, protocols);
    attempt.socket = socket;
    socket.onmessage = ({ data }) => this.#receive(attempt, socket, String(data));
    socket.onclose = ({ code }) => this.#lose(attempt, code);
  }

  #receive(attempt: Attempt, socket: WebSocket, text: string): void {
    if (attempt !== this.#current) return;
    this.#failures = 0;
    clearTimeout(this.#next);
    this.#next = setTimeout(() => this.#ping(attempt, socket), HEARTBEAT_MS);
    this.#setLive(true);
    if (text !== 'pong') this.#options.onMessage(text);
  }

  #setLive(isLive: boolean): void {
    if (isLive === this.#isLive) return;
    this.#isLive = isLive;
    this.#options.onLive(isLive);
  }

  #ping(attempt: Attempt, socket: WebSocket): void {
    clearTimeout(this.#next);
    this.#next = setTimeout(() => this.#lose(attempt, ABNORMAL_CLOSURE), ANSWER_MAX_MS);
    socket.send('ping');
  }

  #lose(attempt: Attempt, code: number): void {
    if (attempt !== this.#current) return;
    this.close();
    this.#failures += 1;
    this.#setLive(false);
    if (!this.#options.shouldReturn(code, this.#failures)) return;
    this.#next = setTimeout(() => this.#connect(), backoffMs(this.#failures, Math.random()));
  }
}
