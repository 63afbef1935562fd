import type { Usage } from '../../../../contracts/usage.ts';
import { transcription } from '../../../../contracts/v1/transcriptions.ts';
import type { TaskEvent } from '../../failover/task-stream.ts';
import { fieldsOf, normalizedUsage, optionalCount, requiredCount } from '../../metering/reported-usage.ts';
import type { Adapter } from '../../provider-kind.ts';
import type { TranscriptionPiece } from '../../transcription/transcription.ts';
import { type Asked, askWhole } from '../../transport/ask-whole.ts';
import { invalidResponse } from '../../transport/failure.ts';
import { jsonOf } from '../../transport/stream-reader.ts';
import { readChatError } from '../errors.ts';
import { errorInBody, formPoster } from './post.ts';

/** Calls OpenAI's transcriptions, at OpenAI or at a compatible server. */

const postForm = formPoster('/audio/transcriptions');

type Transcribed = { piece: TranscriptionPiece; usage: Usage | null };

const none = { cache_read_tokens: 0, cache_write_tokens: 0, reasoning_tokens: 0 };

/**
 * Reads the usage of a transcription: tokens of text and audio, or, of models that are paid by the time, seconds, each of which counts as a
 * token of audio. Null if it is missing or impossible. Pure.
 */
export function readTranscriptionUsage(reported: unknown): Usage | null {
  const usage = fieldsOf(reported) ?? {};
  if (typeof usage.seconds === 'number') {
    const seconds = requiredCount(Math.ceil(usage.seconds));
    if (!seconds) return null;
    const input = { image: 0, audio: seconds };
    const output = { image: 0, audio: 0 };
    return normalizedUsage({ ...none, input_tokens: seconds, output_tokens: 0 }, { input, output });
  }
  const [input_tokens, output_tokens] = [
    requiredCount(usage.input_tokens),
    requiredCount(usage.output_tokens),
  ];
  const text = optionalCount(fieldsOf(usage.input_token_details)?.text_tokens);
  if (!input_tokens || output_tokens === null || text === null) return null;
  return normalizedUsage(
    { ...none, input_tokens, output_tokens },
    { input: { image: 0, audio: Math.max(0, input_tokens - text) }, output: { image: 0, audio: 0 } },
  );
}

/** Reads the body of an answer. Pure. */
export function readTranscription(body: unknown): Asked<Transcribed> {
  const fields = fieldsOf(body);
  const read = transcription.safeParse(body);
  if (fields !== null && read.success) {
    const { usage, ...told } = read.data;
    const piece = {
      type: 'transcribed' as const,
      transcription: told as TranscriptionPiece['transcription'],
    };
    return { ok: true, value: { piece, usage: readTranscriptionUsage(usage) } };
  }
  const failure = errorInBody(body, 'text') ?? invalidResponse('The body is no transcription');
  return { ok: false, failure };
}

async function* eventsOf({ piece, usage }: Transcribed): AsyncGenerator<TaskEvent<TranscriptionPiece>> {
  yield piece;
  yield { type: 'done', finish_reason: null, usage };
}

/** Asks for a transcription, always as JSON: other formats do not tell the usage. */
export const transcribeByOpenAi: NonNullable<Adapter['transcribe']> = async (
  target,
  { file, is_verbose, granularities, ...fields },
  callerSignal,
  patience,
) => {
  const form = {
    ...fields,
    response_format: is_verbose ? 'verbose_json' : 'json',
    ...(granularities.length > 0 && { 'timestamp_granularities[]': granularities }),
  };
  const answer = await askWhole<Transcribed>(target, callerSignal, patience, {
    readError: readChatError,
    open: (signal) => postForm(target, form, [['file', file]], signal),
    read: async (response) => readTranscription(jsonOf(await response.text())),
  });
  return answer.ok
    ? { ok: true, events: eventsOf(answer.value) }
    : { ok: false, failure: answer.failure, asked_whole: true };
};
