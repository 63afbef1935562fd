import { z } from 'zod';
import type { ChatOptions } from '../../../contracts/chat/chat.ts';
import { keptAnswer } from '../../../contracts/execution-job.ts';
import { usage } from '../../../contracts/usage.ts';
import { documentsOf, imagesOf } from '../../providers/chat/conversation.ts';
import type { Completion, StreamEvent } from '../../providers/provider.ts';
import { eventsOfCompletion } from '../../providers/transport/stream-reader.ts';
import type { TaskCache } from '../task.ts';

/** The form in which the response cache keeps chats. Pure. */

type ChatPiece = Exclude<StreamEvent, { type: 'done' | 'failed' }>;

const cachedCompletion = keptAnswer.extend({ finish_reason: z.enum(['stop', 'tool_calls']), usage });

/** True if a conversation has a part at an address, whose content may change. */
const hasAddresses = (chat: ChatOptions): boolean =>
  [...imagesOf(chat), ...documentsOf(chat)].some(({ source }) => source.kind === 'url');

/** The usage of the input, which a stream tells before the answer. */
const inputTold = ({ usage }: Completion): ChatPiece[] =>
  usage === null ? [] : [{ type: 'input_told', usage: { ...usage, output_tokens: 0, reasoning_tokens: 0 } }];

/**
 * Returns the form in which answers to a chat are kept. Every field counts, also those that name an end user or a trace. Null for a chat
 * that must not get a kept answer.
 */
export const chatCache = (chat: ChatOptions): TaskCache<ChatPiece, Completion> | null =>
  hasAddresses(chat)
    ? null
    : {
        input: chat,
        isWhole: ({ text, tool_calls, finish_reason, stop_cause, refusal }) =>
          (finish_reason === 'stop' || finish_reason === 'tool_calls') &&
          stop_cause === undefined &&
          refusal === undefined &&
          text.length + tool_calls.length > 0,
        parse: (kept) => cachedCompletion.safeParse(kept).data ?? null,
        eventsOf: (answer) => [...inputTold(answer), ...eventsOfCompletion(answer)],
      };
