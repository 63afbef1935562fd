import { z } from 'zod';
import { moderationResult } from '../../../../contracts/v1/moderations.ts';
import type { TaskEvent } from '../../failover/task-stream.ts';
import { fieldsOf } from '../../metering/reported-usage.ts';
import { type ModerationPiece, type ModerationRequest, resultsOf } from '../../moderation/moderation.ts';
import type { Adapter } from '../../provider-kind.ts';
import { type Asked, askWhole } from '../../transport/ask-whole.ts';
import { invalidResponse } from '../../transport/failure.ts';
import { jsonOf } from '../../transport/stream-reader.ts';
import { readChatError } from '../errors.ts';
import { errorInBody, poster } from './post.ts';

/** Calls OpenAI's moderations, at OpenAI or at a compatible server. */

const post = poster('/moderations');
const results = z.array(moderationResult).min(1);

/** Reads the body of an answer. Pure. */
export function readModerations(body: unknown, { input }: ModerationRequest): Asked<ModerationPiece> {
  const failure = errorInBody(body, 'results');
  if (failure !== null) return { ok: false, failure };
  const read = results.safeParse(fieldsOf(body)?.results);
  if (!read.success) return { ok: false, failure: invalidResponse('The body is not a list of judgements') };
  if (read.data.length !== resultsOf(input))
    return { ok: false, failure: invalidResponse('The answer has another number of judgements than inputs') };
  return { ok: true, value: { type: 'judged', results: read.data } };
}

async function* eventsOf(piece: ModerationPiece): AsyncGenerator<TaskEvent<ModerationPiece>> {
  yield piece;
  yield { type: 'done', finish_reason: null, usage: null };
}

/** Asks for the judgements of an input. */
export const moderateByOpenAi: NonNullable<Adapter['moderate']> = async (
  target,
  request,
  callerSignal,
  patience,
) => {
  const { model, input } = request;
  const answer = await askWhole<ModerationPiece>(target, callerSignal, patience, {
    readError: readChatError,
    open: (signal) => post(target, { model, input }, signal),
    read: async (response) => readModerations(jsonOf(await response.text()), request),
  });
  return answer.ok ? { ok: true, events: eventsOf(answer.value) } : answer;
};
