import {
  type EndedExecution,
  LIVE_WALLET_PROTOCOL,
  type LiveWalletMessage,
  liveWalletClose,
  type Wallet,
} from '../../contracts/api/wallet.ts';
import type { WalletSubscription } from '../../contracts/wallet-subscription.ts';

/** Tabs and devices of one user that may listen at once. */
const LISTENERS_MAX = 32;
/** RFC 6455, section 7.4.1, and its registry: try again later. */
const TRY_AGAIN_LATER = 1013;

type Session = WalletSubscription['session'];
type Closing = keyof typeof liveWalletClose;

/**
 * The browsers that listen to a wallet. Their sockets hibernate: between two commits the object may be evicted and they stay
 * connected. What a socket needs to be judged later travels with it as its attachment.
 */
export class LiveBalance {
  readonly #ctx: DurableObjectState;

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
    // Answered by the platform, without waking the object.
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'));
  }

  /** Accepts a listener and tells it the wallet as it is now. */
  open(session: Session, wallet: Wallet): Response {
    if (this.#listening().length >= LISTENERS_MAX) return this.#refuse(TRY_AGAIN_LATER, 'too_many');
    const { 0: client, 1: server } = new WebSocketPair();
    this.#ctx.acceptWebSocket(server);
    server.serializeAttachment(session);
    server.send(textOf({ type: 'wallet', wallet }));
    return upgradeTo(client);
  }

  /** Says why over the socket: a browser is not told the status of a refused handshake. */
  refuse(why: Closing): Response {
    return this.#refuse(liveWalletClose[why], why);
  }

  /** Tells every listener the wallet as it is now. */
  push(wallet: Wallet, nowMs: number): void {
    this.#tell({ type: 'wallet', wallet }, nowMs);
  }

  /** Tells every listener which executions have ended. They are looked up only if somebody listens. */
  pushEnded(find: () => EndedExecution[], nowMs: number): void {
    if (this.#listening().length === 0) return;
    for (const execution of find()) this.#tell({ type: 'execution', execution }, nowMs);
  }

  /** A session that has expired since is closed instead of told. */
  #tell(message: LiveWalletMessage, nowMs: number): void {
    const text = textOf(message);
    for (const socket of this.#listening()) {
      const { expires_at_s } = socket.deserializeAttachment() as Session;
      if (expires_at_s * 1_000 <= nowMs) this.#close(socket, 'session_revoked');
      else this.#send(socket, text);
    }
  }

  /** Closes the listeners whose session was issued up to that second. */
  closeSessions(issuedUntilS: number): void {
    for (const socket of this.#listening()) {
      const { issued_at_s } = socket.deserializeAttachment() as Session;
      if (issued_at_s <= issuedUntilS) this.#close(socket, 'session_revoked');
    }
  }

  closeAll(why: Closing): void {
    for (const socket of this.#listening()) this.#close(socket, why);
  }

  /** A socket we have closed is listed until its other end has, and must not be spoken to. */
  #listening(): WebSocket[] {
    return this.#ctx.getWebSockets().filter(({ readyState }) => readyState === WebSocket.OPEN);
  }

  /** One broken connection must not keep the others, or the wallet, from going on. */
  #send(socket: WebSocket, text: string): void {
    try {
      socket.send(text);
    } catch (error) {
      console.warn(
        JSON.stringify({ level: 'warn', event: 'live_balance_send_failed', error: String(error) }),
      );
    }
  }

  #close(socket: WebSocket, why: Closing): void {
    socket.close(liveWalletClose[why], why);
  }

  #refuse(code: number, reason: string): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    server.accept();
    server.close(code, reason);
    return upgradeTo(client);
  }
}

const textOf = (message: LiveWalletMessage): string => JSON.stringify(message);

const upgradeTo = (client: WebSocket): Response =>
  new Response(null, {
    status: 101,
    webSocket: client,
    headers: { 'sec-websocket-protocol': LIVE_WALLET_PROTOCOL },
  });
