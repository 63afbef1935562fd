import { useEffect, useState } from 'react';
import type { LiveWalletMessage, WalletView } from '../../../../contracts/api/wallet.ts';
import { LIVE_WALLET_PROTOCOL, liveWalletClose } from '../../../../contracts/wallet/live-wallet.ts';
import { endSession, readToken } from '../../lib/api-client.ts';
import { LastingSocket } from '../../lib/lasting-socket.ts';
import { liveWalletUrl, newLiveTicket } from './api/wallet.ts';

/** Silence after which the page says that the balance is not live. */
const SILENCE_MAX_MS = 2_000;
/** The wait between reads without a live balance. */
const READ_EVERY_MS = 15_000;
/** Refused handshakes in a row after which a plain request is sent: a browser does not learn why a handshake is refused. */
const FAILURES_ASKED_ABOUT = 3;

const endings = new Map<number, () => void>([
  [
    liveWalletClose.session_revoked,
    () => endSession('session_revoked', 'Your session has ended. Sign in again.'),
  ],
  [
    liveWalletClose.user_disabled,
    () => endSession('user_disabled', 'This account is disabled. Contact your administrator.'),
  ],
]);

type LiveWalletOptions = {
  /** False if the user's level has no live balance: the wallet is then read now and again. */
  isOffered: boolean;
  onWallet(wallet: WalletView): void;
  /** One of the caller's executions has ended, and can be read. */
  onEnded(): void;
  /** The connection is silent or refused: the wallet must be read once by a plain request. */
  onSilence(): void;
};

/**
 * Subscribes to the caller's wallet: the server sends it after every change. `isInterrupted` after two seconds without a
 * connection. The functions must be stable.
 */
export function useLiveWallet({ isOffered, onWallet, onEnded, onSilence }: LiveWalletOptions): {
  isInterrupted: boolean;
} {
  const [isInterrupted, setInterrupted] = useState(false);

  useEffect(() => {
    if (isOffered) return;
    onSilence();
    const timer = setInterval(() => {
      if (document.visibilityState !== 'visible') return;
      onSilence();
      onEnded();
    }, READ_EVERY_MS);
    return () => clearInterval(timer);
  }, [isOffered, onEnded, onSilence]);

  useEffect(() => {
    if (!isOffered) return;
    let token = readToken();
    let silence = setTimeout(() => {
      setInterrupted(true);
      onSilence();
    }, SILENCE_MAX_MS);

    const socket = new LastingSocket({
      url: liveWalletUrl(),
      async protocols() {
        token = readToken();
        return [LIVE_WALLET_PROTOCOL, `ticket.${await newLiveTicket()}`];
      },
      onMessage(text) {
        const message: LiveWalletMessage = JSON.parse(text);
        // A newer server may send types that this page does not know.
        if (message.type === 'wallet') onWallet(message.wallet);
        else if (message.type === 'execution') onEnded();
      },
      onLive(isLive) {
        clearTimeout(silence);
        if (isLive) setInterrupted(false);
        else silence = setTimeout(() => setInterrupted(true), SILENCE_MAX_MS);
      },
      shouldReturn(code, failures) {
        const ending = endings.get(code);
        // With another token, a new session has begun here: the old one's end does not concern it.
        if (ending !== undefined && token === readToken()) {
          ending();
          return false;
        }
        if (failures === FAILURES_ASKED_ABOUT && navigator.onLine) onSilence();
        return true;
      },
    });

    const wake = () => document.visibilityState === 'visible' && socket.wake();
    const drop = () => socket.drop();
    document.addEventListener('visibilitychange', wake);
    window.addEventListener('online', wake);
    window.addEventListener('offline', drop);
    return () => {
      document.removeEventListener('visibilitychange', wake);
      window.removeEventListener('online', wake);
      window.removeEventListener('offline', drop);
      clearTimeout(silence);
      socket.close();
    };
  }, [isOffered, onWallet, onEnded, onSilence]);

  return { isInterrupted };
}
