import type { GenerateContentRequest } from '@google/generative-ai';
import { fieldsOf, requiredCount } from '../metering/reported-usage.ts';
import type { NeutralRequest } from '../provider.ts';
import type { Adapter, AdapterTarget } from '../provider-kind.ts';
import { adjusted, adjustmentsOf } from '../transport/adjustments.ts';
import { bounded } from '../transport/guarded-fetch.ts';
import { postAdjusted } from '../transport/quirks.ts';
import { cutServerSentEvents } from '../transport/server-sent-events.ts';
import { streamProvider } from '../transport/stream-provider.ts';
import { readContent } from './answer.ts';
import { impossibleModel, pathOf, post, readError } from './call.ts';
import { embedByGoogle } from './embeddings.ts';
import { generateContentParams, isModelName } from './request.ts';
import { readContentStream } from './stream.ts';

/** The parameters beside those of the generation. */
const OUTER = ['contents', 'systemInstruction', 'tools', 'toolConfig'];

/** The body with the parameters of the generation beside the others, so that each can be adjusted by its name. */
const flat = ({ generationConfig, ...outer }: GenerateContentRequest): object => ({
  ...outer,
  ...generationConfig,
});

/** The body that {@link flat} was made of. */
function nested(body: object): object {
  const all = Object.entries(body);
  return {
    ...Object.fromEntries(all.filter(([name]) => OUTER.includes(name))),
    generationConfig: Object.fromEntries(all.filter(([name]) => !OUTER.includes(name))),
  };
}

const paramsOf = (request: NeutralRequest, { settings }: AdapterTarget): object =>
  adjusted(flat(generateContentParams(request)), adjustmentsOf(settings));

const generate = (target: AdapterTarget, request: NeutralRequest, signal: AbortSignal) =>
  postAdjusted(
    { provider_id: target.provider_id, model: request.model },
    paramsOf(request, target),
    (sent) =>
      post(
        target,
        { method: `${pathOf(request.model)}:streamGenerateContent?alt=sse`, body: nested(sent) },
        signal,
      ),
    readError,
  );

/** Calls Google's generateContent and batchEmbedContents. */
export const googleAdapter: Adapter = {
  async stream(target, request, callerSignal, patience) {
    if (!isModelName(request.model)) return { ok: false, failure: impossibleModel };
    return streamProvider(target, callerSignal, patience, {
      open: (signal) => generate(target, request, signal),
      readError,
      cutter: cutServerSentEvents,
      reader: readContentStream,
      readWhole: readContent,
    });
  },
  async countInput(target, request, signal) {
    if (!isModelName(request.model)) return null;
    const model = pathOf(request.model);
    const body = { generateContentRequest: { model, ...nested(paramsOf(request, target)) } };
    const response = await post(target, { method: `${model}:countTokens`, body }, signal);
    return requiredCount(fieldsOf(await bounded(response).json())?.totalTokens);
  },
  embed: embedByGoogle,
};
