import type { Usage } from '../../../../contracts/usage.ts';
import type { TaskEvent } from '../../failover/task-stream.ts';
import { fieldsOf, normalizedUsage, requiredCount } from '../../metering/reported-usage.ts';
import type { Adapter } from '../../provider-kind.ts';
import type { SpeechPiece } from '../../speech/speech.ts';
import { type Asked, askWhole } from '../../transport/ask-whole.ts';
import { cutOff, invalidResponse } from '../../transport/failure.ts';
import { isJson } from '../../transport/guarded-fetch.ts';
import { cutServerSentEvents } from '../../transport/server-sent-events.ts';
import { jsonOf } from '../../transport/stream-reader.ts';
import { readChatError, readOpenAiInBandError } from '../errors.ts';
import { errorInBody, poster } from './post.ts';

/** Calls OpenAI's speech, at OpenAI or at a compatible server. */

const post = poster('/audio/speech');

/** Models that answer with audio alone. The others tell their usage at the end of a stream of events. */
const withoutEvents = /^tts-1/;

type Spoken = { piece: SpeechPiece; usage: Usage | null };

/** Reads the usage of speech: text in, audio out. Null if it is missing or impossible. Pure. */
function readSpeechUsage(reported: unknown): Usage | null {
  const usage = fieldsOf(reported) ?? {};
  const input_tokens = requiredCount(usage.input_tokens);
  const output_tokens = requiredCount(usage.output_tokens);
  if (!input_tokens || !output_tokens) return null;
  return normalizedUsage(
    { input_tokens, output_tokens, cache_read_tokens: 0, cache_write_tokens: 0, reasoning_tokens: 0 },
    { input: { image: 0, audio: 0 }, output: { image: 0, audio: output_tokens } },
  );
}

const spoken = (audio: Buffer, usage: Usage | null): Asked<Spoken> =>
  audio.byteLength === 0
    ? { ok: false, failure: invalidResponse('The answer has no audio') }
    : { ok: true, value: { piece: { type: 'audio', audio: audio.toString('base64') }, usage } };

/** Reads a stream of events: pieces of audio, then the usage. Pure. */
export function readSpeechEvents(body: Uint8Array): Asked<Spoken> {
  const cutter = cutServerSentEvents();
  const pieces: Buffer[] = [];
  for (const { data } of [...cutter.cut(body), ...cutter.end()]) {
    const event = fieldsOf(jsonOf(data));
    if (event?.type === 'speech.audio.delta' && typeof event.audio === 'string')
      pieces.push(Buffer.from(event.audio, 'base64'));
    if (event?.type === 'speech.audio.done')
      return spoken(Buffer.concat(pieces), readSpeechUsage(event.usage));
    if (event?.type === 'error' || event?.error !== undefined)
      return { ok: false, failure: readOpenAiInBandError(event.error ?? event) };
  }
  return { ok: false, failure: cutOff(null) };
}

async function read(response: Response): Promise<Asked<Spoken>> {
  if (isJson(response)) {
    const failure = errorInBody(jsonOf(await response.text()), 'audio');
    return { ok: false, failure: failure ?? invalidResponse('The answer is no audio') };
  }
  const body = Buffer.from(await response.arrayBuffer());
  const hasEvents = response.headers.get('content-type')?.includes('text/event-stream') === true;
  return hasEvents ? readSpeechEvents(body) : spoken(body, null);
}

async function* eventsOf({ piece, usage }: Spoken): AsyncGenerator<TaskEvent<SpeechPiece>> {
  yield piece;
  yield { type: 'done', finish_reason: null, usage };
}

/** Asks for speech. A call that is left has used an amount that nobody knows, since its usage comes last. */
export const speakByOpenAi: NonNullable<Adapter['speak']> = async (
  target,
  request,
  callerSignal,
  patience,
) => {
  const body = withoutEvents.test(request.model) ? request : { ...request, stream_format: 'sse' };
  const answer = await askWhole<Spoken>(target, callerSignal, patience, {
    readError: readChatError,
    open: (signal) => post(target, body, signal),
    read,
  });
  return answer.ok
    ? { ok: true, events: eventsOf(answer.value) }
    : { ok: false, failure: answer.failure, asked_whole: true };
};
