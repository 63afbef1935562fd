import { z } from 'zod';
import { finishedExecution } from '../../contracts/api/executions.ts';
import { ok } from '../../contracts/result.ts';
import { type GeneratedImage, generatedImage } from '../../contracts/v1/images.ts';
import type { ImagePiece, ImageRequest } from '../providers/image/image.ts';
import { estimateImageTokens, imageTokensBound } from '../providers/image/tokens.ts';
import { clientOf } from './candidate-client.ts';
import { inputOnly } from './input-only.ts';
import type { Collected, Task } from './task.ts';

type Images = Collected & { images: GeneratedImage[] };
/**
 * Images that are generated. Each has at most as many output tokens as the model's output limit, which is not sent: no provider takes one.
 * All of them are held from the start.
 */
export type ImageGeneration = { piece: ImagePiece; answer: Images; output: { images: GeneratedImage[] } };

/** Adapters read no longer body (`BODY_BYTES_MAX` of providers/transport/guarded-fetch.ts). */
const ANSWER_BYTES_MAX = 16 * 1_024 * 1_024;

const keptImages = finishedExecution.extend({ images: z.array(generatedImage) });

/** Returns the task that generates images. */
export function imageTask({ model, ...request }: ImageRequest): Task<ImageGeneration> {
  const { n, edited } = request;
  return {
    ...inputOnly,
    kind: 'image',
    model,
    outputLimit: (limits) => ok(n * Math.max(...limits)),
    // Images cannot be made smaller for a balance: the hold is the whole limit, or there is none.
    output_tokens_min: Number.POSITIVE_INFINITY,
    obstacle: () => null,
    inputTokensBound: ({ context_window_tokens }) => imageTokensBound(request, context_window_tokens),
    is_bounded_by_window: edited !== undefined,
    input_classes: edited === undefined ? [] : ['input_image'],
    countInputTokens: async () => null,
    estimateInputTokens: () => estimateImageTokens(request),
    // An image that nobody counted is charged as the limit.
    estimateOutputTokens: () => Number.MAX_SAFE_INTEGER,
    answerBytesMax: () => ANSWER_BYTES_MAX,
    call(candidate, _max_output_tokens, { timeout_ms, ...patience }, signal) {
      const asked = { ...request, model: candidate.provider_model };
      return clientOf(candidate, timeout_ms).generateImages(asked, signal, patience);
    },
    pieces: {
      bytesOf: ({ images }) => images.reduce((sum, { b64_json }) => sum + b64_json.length, 0),
      isContent: () => true,
      merge: () => null,
    },
    empty: { images: [], finish_reason: null, usage: null },
    append(answer, event) {
      if (event.type === 'images') return { ...answer, images: event.images };
      return event.type === 'done' ? { ...answer, usage: event.usage } : answer;
    },
    truncate: (answer) => answer,
    outputOf: ({ images }) => ({ images }),
    parseResponse: (kept) => keptImages.parse(kept),
  };
}
