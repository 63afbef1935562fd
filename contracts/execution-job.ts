import { z } from 'zod';
import { positiveWalletTokens, walletTokens } from './amounts.ts';
import { answerExtras, chatOptions, endDetails, toolCall } from './chat/chat.ts';
import { attempt } from './usage.ts';
import { wholesaleHold } from './wallet/budget-terms.ts';
import { executionOutcome, executionStart } from './wallet/journal.ts';

/** A message of the `executions` queue: an execution to attempt. Its input is in the database, so it can have any size. */
export const executionJob = z.object({
  version: z.literal(1),
  tenant: z.object({ id: z.uuid(), slug: z.string() }),
  user_id: z.uuid(),
  execution_id: z.uuid(),
});
export type ExecutionJob = z.infer<typeof executionJob>;

/** The stored input of an execution. `response_request` is a request of OpenAI's Responses API without its input; absent for other APIs. */
export const keptInput = z.object({
  chat: chatOptions,
  response_request: z.record(z.string(), z.unknown()).optional(),
});
export type KeptInput = z.infer<typeof keptInput>;

/** The start of a background execution, needed to settle it. Tokens are wallet tokens. */
const backgroundStart = z.object({
  /** Its output limit is the one that the hold can grow to. */
  start: executionStart,
  worst_case_tokens: positiveWalletTokens,
  /** Output tokens that are held at first. Absent if all of them are. */
  held_output_tokens: z.int().min(0).optional(),
  /** The output limit was lowered to what the balance covered. */
  fitted: z.boolean(),
  /** The part the balance did not cover, where the policy allows overage. */
  shortfall: walletTokens,
  /** The answer is stored for an Idempotency-Key. */
  keeps_answer: z.boolean(),
  /** Absent in executions from before tenants had budgets. */
  wholesale: wholesaleHold.optional(),
});

export type BackgroundStart = z.infer<typeof backgroundStart>;

/** The settlement of an execution, sent to the wallet unchanged however often it is sent. */
export const settlement = z.object({
  charge: walletTokens,
  outcome: executionOutcome,
});

/** The stored answer of an execution. */
export const keptAnswer = z.object({
  text: z.string(),
  tool_calls: z.array(toolCall),
  ...answerExtras,
  ...endDetails,
});
export type KeptAnswer = z.infer<typeof keptAnswer>;

/** The stored state of an execution, next to its input. */
export const keptOutput = z.object({
  /** Null when it was not run in the background. */
  background: backgroundStart.nullable(),
  /** The attempts of its deliveries so far, and of the call before them. */
  attempts: z.array(attempt),
  /** The start of the attempt that is being made, in epoch milliseconds. Absent between attempts. */
  attempt_began_at_ms: z.int().min(0).optional(),
  /** The time at which its user cancelled it during an attempt, in epoch milliseconds. The delivery that makes the attempt ends it. */
  cancelled_at_ms: z.int().min(0).optional(),
  /** Written once, before it is sent to the wallet. A later delivery sends the same settlement. */
  settlement: settlement.nullable(),
  answer: keptAnswer.nullable(),
});
export type KeptOutput = z.infer<typeof keptOutput>;
