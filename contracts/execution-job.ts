import { z } from 'zod';
import { positiveWalletTokens, walletTokens } from './amounts.ts';
import { chatOptions, toolCall } from './chat.ts';
import { executionOutcome, executionStart } from './journal.ts';
import { attempt } from './usage.ts';

/** One message of the `executions` queue: an execution to attempt. What it asks is in the database, so it may be of any size. */
export const executionJob = z.object({
  version: z.literal(1),
  tenant: z.object({ id: z.uuid(), slug: z.string() }),
  user_id: z.uuid(),
  execution_id: z.uuid(),
});
export type ExecutionJob = z.infer<typeof executionJob>;

/** What was asked, as it is kept. */
export const keptInput = z.object({ chat: chatOptions });
export type KeptInput = z.infer<typeof keptInput>;

/** What an execution in the background was begun with, and is settled by. Tokens are wallet tokens. */
const backgroundStart = z.object({
  start: executionStart,
  worst_case_tokens: positiveWalletTokens,
  /** The output limit was lowered to what the balance covered. */
  fitted: z.boolean(),
  /** What the balance did not cover where its policy let that pass. */
  shortfall: walletTokens,
  /** An Idempotency-Key stands for the answer. */
  keeps_answer: z.boolean(),
});

/** How an execution ends: what the wallet is told, word for word, however often it is told. */
export const settlement = z.object({
  charge: walletTokens,
  outcome: executionOutcome,
});

/** The answer of an execution, as it is stored for its user. */
const keptAnswer = z.object({ text: z.string(), tool_calls: z.array(toolCall) });
export type KeptAnswer = z.infer<typeof keptAnswer>;

/** The state of an execution, stored next to its input. */
export const keptOutput = z.object({
  /** Null when it was not run in the background. */
  background: backgroundStart.nullable(),
  /** The attempts of its deliveries so far, and of the call before them. */
  attempts: z.array(attempt),
  /** Written once, before the wallet hears of it: whoever comes later finishes this and decides nothing else. */
  settlement: settlement.nullable(),
  answer: keptAnswer.nullable(),
});
export type KeptOutput = z.infer<typeof keptOutput>;
