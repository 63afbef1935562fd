import type { EndedExecution, LiveWalletMessage, WalletView } from '../../contracts/api/wallet.ts';
import type { JournalEntry } from '../../contracts/wallet/journal.ts';
import { LIVE_WALLET_PROTOCOL, liveWalletClose } from '../../contracts/wallet/live-wallet.ts';
import type { WalletSubscription } from '../../contracts/wallet/wallet-subscription.ts';

/** Most WebSockets of one wallet at once, over all tabs and devices. */
const LISTENERS_MAX = 32;
/** WebSocket close code 1013, “try again later” (IANA registry of RFC 6455). */
const TRY_AGAIN_LATER = 1013;

type Session = WalletSubscription['session'];
type CloseReason = keyof typeof liveWalletClose;

/**
 * The WebSockets that listen to a wallet. They hibernate: they stay connected while the object is evicted between two
 * commits. Each carries its session as its attachment.
 */
export class LiveBalance {
  readonly #ctx: DurableObjectState;

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
    // The platform answers pings without waking the object.
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'));
  }

  /** Accepts a listener and sends it the wallet. */
  open(session: Session, wallet: WalletView): Response {
    if (this.#listening().length >= LISTENERS_MAX) return this.#refuse(TRY_AGAIN_LATER, 'too_many');
    const { 0: client, 1: server } = new WebSocketPair();
    this.#ctx.acceptWebSocket(server);
    server.serializeAttachment(session);
    server.send(textOf({ type: 'wallet', wallet }));
    return upgradeTo(client);
  }

  /** Accepts the socket and closes it with the reason, since browsers do not expose the status of a refused handshake. */
  refuse(reason: CloseReason): Response {
    return this.#refuse(liveWalletClose[reason], reason);
  }

  /** Sends the wallet to every listener. */
  push(wallet: WalletView, nowMs: number): void {
    this.#broadcast({ type: 'wallet', wallet }, nowMs);
  }

  /** Sends the executions that ended in these entries to every listener. Calls `find` only when there is one. */
  pushEnded(find: () => JournalEntry[], nowMs: number): void {
    if (this.#listening().length === 0) return;
    for (const execution of find().flatMap(endedIn)) this.#broadcast({ type: 'execution', execution }, nowMs);
  }

  /** Sends a message to every listener, and closes those whose session has expired. */
  #broadcast(message: LiveWalletMessage, nowMs: number): void {
    const text = textOf(message);
    for (const socket of this.#listening()) {
      const { expires_at_s } = socket.deserializeAttachment() as Session;
      if (expires_at_s * 1_000 <= nowMs) this.#close(socket, 'session_revoked');
      else this.#send(socket, text);
    }
  }

  /** Closes the listeners whose session was issued at or before `issuedUntilS`, in seconds since the epoch. */
  closeSessions(issuedUntilS: number): void {
    for (const socket of this.#listening()) {
      const { issued_at_s } = socket.deserializeAttachment() as Session;
      if (issued_at_s <= issuedUntilS) this.#close(socket, 'session_revoked');
    }
  }

  /** Closes the listeners of one session. */
  closeSession(sessionId: string): void {
    for (const socket of this.#listening()) {
      const { id } = socket.deserializeAttachment() as Session;
      if (id === sessionId) this.#close(socket, 'session_revoked');
    }
  }

  closeAll(reason: CloseReason): void {
    for (const socket of this.#listening()) this.#close(socket, reason);
  }

  /** The open sockets. The platform also lists sockets that we have closed and the client has not. */
  #listening(): WebSocket[] {
    return this.#ctx.getWebSockets().filter(({ readyState }) => readyState === WebSocket.OPEN);
  }

  /** Sends a text. A broken connection is logged, so that it fails neither the other listeners nor the command. */
  #send(socket: WebSocket, text: string): void {
    try {
      socket.send(text);
    } catch (error) {
      console.warn(
        JSON.stringify({ level: 'warn', event: 'live_balance_send_failed', error: String(error) }),
      );
    }
  }

  #close(socket: WebSocket, reason: CloseReason): void {
    socket.close(liveWalletClose[reason], reason);
  }

  #refuse(code: number, reason: string): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    server.accept();
    server.close(code, reason);
    return upgradeTo(client);
  }
}

/** The execution that ended in an entry, if any. */
const endedIn = ({ kind, amount, execution_outcome: outcome }: JournalEntry): EndedExecution[] =>
  outcome === null
    ? []
    : [{ id: outcome.id, status: outcome.status, tokens_charged: kind === 'debit' ? amount : 0 }];

const textOf = (message: LiveWalletMessage): string => JSON.stringify(message);

const upgradeTo = (client: WebSocket): Response =>
  new Response(null, {
    status: 101,
    webSocket: client,
    headers: { 'sec-websocket-protocol': LIVE_WALLET_PROTOCOL },
  });
