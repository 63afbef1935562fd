import { z } from 'zod';
import type { Usage } from '../../../../contracts/usage.ts';
import { generatedImage } from '../../../../contracts/v1/images.ts';
import type { TaskEvent } from '../../failover/task-stream.ts';
import type { ImagePiece, ImageRequest } from '../../image/image.ts';
import { fieldsOf, normalizedUsage, optionalCount, requiredCount } from '../../metering/reported-usage.ts';
import type { Adapter, AdapterTarget } from '../../provider-kind.ts';
import { type Asked, askWhole } from '../../transport/ask-whole.ts';
import { invalidResponse } from '../../transport/failure.ts';
import { jsonOf } from '../../transport/stream-reader.ts';
import { readChatError } from '../errors.ts';
import { errorInBody, formPoster, poster } from './post.ts';

/** Calls OpenAI's generation and edits of images, at OpenAI or at a compatible server. */

const post = poster('/images/generations');
const postForm = formPoster('/images/edits');
const images = z.array(generatedImage).min(1);

type Generated = { piece: ImagePiece; usage: Usage | null };

/**
 * Reads the usage of images: input in text and images, and output, which is images but for text that a model may report apart. Null if it
 * is missing, impossible, or of no output. Pure.
 */
export function readImageUsage(reported: unknown): Usage | null {
  const usage = fieldsOf(reported) ?? {};
  const input_tokens = requiredCount(usage.input_tokens);
  const output_tokens = requiredCount(usage.output_tokens);
  const input = optionalCount(fieldsOf(usage.input_tokens_details)?.image_tokens);
  const text = optionalCount(fieldsOf(usage.output_tokens_details)?.text_tokens);
  if (input_tokens === null || output_tokens === null || input === null || text === null) return null;
  if (input_tokens === 0 || output_tokens === 0) return null;
  return normalizedUsage(
    { input_tokens, output_tokens, cache_read_tokens: 0, cache_write_tokens: 0, reasoning_tokens: 0 },
    {
      input: { image: input, audio: 0 },
      output: { image: Math.max(0, output_tokens - text), audio: 0 },
    },
  );
}

/** Reads the body of an answer. Fewer images than asked for are an answer: a filter may take some. Pure. */
export function readImages(body: unknown, { n }: Pick<ImageRequest, 'n'>): Asked<Generated> {
  const failure = errorInBody(body, 'data');
  if (failure !== null) return { ok: false, failure };
  const { data, usage } = fieldsOf(body) ?? {};
  const read = images.safeParse(data);
  if (!read.success)
    return { ok: false, failure: invalidResponse('The body is not a list of images in base64') };
  if (read.data.length > n)
    return { ok: false, failure: invalidResponse('The answer has more images than were asked for') };
  return { ok: true, value: { piece: { type: 'images', images: read.data }, usage: readImageUsage(usage) } };
}

async function* eventsOf({ piece, usage }: Generated): AsyncGenerator<TaskEvent<ImagePiece>> {
  yield piece;
  yield { type: 'done', finish_reason: null, usage };
}

function open(
  target: AdapterTarget,
  { edited, ...fields }: ImageRequest,
  signal: AbortSignal,
): Promise<Response> {
  if (edited === undefined) return post(target, fields, signal);
  const { images: files, mask, input_fidelity } = edited;
  const parts = files.map((file) => ['image[]', file] as const);
  return postForm(
    target,
    { ...fields, ...(input_fidelity !== undefined && { input_fidelity }) },
    mask === undefined ? parts : [...parts, ['mask', mask]],
    signal,
  );
}

/** Asks for images. A call that is left has used an amount that nobody knows, since it answers in one piece. */
export const generateImagesByOpenAi: NonNullable<Adapter['generateImages']> = async (
  target,
  request,
  callerSignal,
  patience,
) => {
  const answer = await askWhole<Generated>(target, callerSignal, patience, {
    readError: readChatError,
    open: (signal) => open(target, request, signal),
    read: async (response) => readImages(jsonOf(await response.text()), request),
  });
  return answer.ok
    ? { ok: true, events: eventsOf(answer.value) }
    : { ok: false, failure: answer.failure, asked_whole: true };
};
