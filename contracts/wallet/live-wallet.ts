/** The WebSocket of the live balance. Without schemas, so that a page can be loaded without their library. */

/** The subprotocol of the live balance. A ticket travels beside it as `ticket.<ticket>`: browsers send no headers. */
export const LIVE_WALLET_PROTOCOL = 'wallet.v1';

/** Close codes of the live balance's WebSocket (4000-4999 are reserved for applications). */
export const liveWalletClose = { session_revoked: 4401, user_disabled: 4403, ticket_used: 4409 } as const;
