import { z } from 'zod';

/**
 * The largest amount of wallet tokens in a single figure. 2^50 leaves room to add a thousand of them and still
 * be a safe integer, so a sum can be checked after it is made.
 */
export const WALLET_TOKENS_MAX = 2 ** 50;

/** Wallet tokens, zero or more. Refuses fractions, NaN, infinities, strings and anything past {@link WALLET_TOKENS_MAX}. */
export const walletTokens = z.int().min(0).max(WALLET_TOKENS_MAX);

/** Wallet tokens, at least one. */
export const positiveWalletTokens = z.int().min(1).max(WALLET_TOKENS_MAX);

/** A signed amount of wallet tokens other than zero, for adjustments. */
export const signedWalletTokens = z
  .int()
  .min(-WALLET_TOKENS_MAX)
  .max(WALLET_TOKENS_MAX)
  .refine((amount) => amount !== 0, 'must not be zero');

/** Tokens as a provider counts them, in one usage class of one call. */
export const providerTokens = z.int().min(0).max(WALLET_TOKENS_MAX);

/** The largest amount of micro-USD in a single figure. */
export const MICRO_USD_MAX = 2 ** 50;

/** Millionths of a US dollar. */
export const microUsd = z.int().min(0).max(MICRO_USD_MAX);

/** A signed amount of micro-USD. */
export const signedMicroUsd = z.int().min(-MICRO_USD_MAX).max(MICRO_USD_MAX);

/** Milliseconds since the Unix epoch. */
export const epochMs = z.int().min(0).max(8_640_000_000_000_000);
