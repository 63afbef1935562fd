import type { EffectivePrice } from '../../contracts/api/catalog.ts';
import type { WalletIdentity } from '../../contracts/wallet/journal.ts';
import type { KeyLimits } from '../../contracts/wallet/key-limits.ts';

/** The users, keys and models of a demo history. */

export type HistoryModel = {
  id: string;
  /** The name that users ask for; models that share it are tried one after the other. */
  public_name: string;
  provider: { id: string; kind: 'openai' | 'anthropic' | 'google'; name: string };
  provider_model: string;
  price: EffectivePrice;
};

/** A public name with its candidates and its habits: tokens of prompts and answers from the least to the most. */
export type HistoryName = {
  candidates: HistoryModel[];
  /** Share of the executions. */
  share: number;
  input_tokens: [number, number];
  output_tokens: [number, number];
  /** Missing for chats. */
  task?: 'embedding';
};

export type HistoryUser = {
  wallet: WalletIdentity;
  /** Share of the executions. */
  share: number;
  /** The day of the history on which the user came, from 0. */
  from_day: number;
  /** The key of the user's program; null if all executions come from the web app. */
  key: KeyLimits | null;
};
