import { z } from 'zod';
import { describeIssues, hostileCounts, type UsageMode, type WholeRequest } from './simulated-api.ts';
import { tokensOf } from './vectors.ts';

/** OpenAI's transcriptions, as documented at developers.openai.com/api/reference/resources/audio/subresources/transcriptions. */

const body = z.strictObject({
  /** The bytes of the file. */
  file: z.int().min(1),
  model: z.string().min(1),
  language: z.string().optional(),
  prompt: z.string().optional(),
  response_format: z.enum(['json', 'verbose_json']).default('json'),
  temperature: z.string().optional(),
  'timestamp_granularities[]': z.array(z.enum(['word', 'segment'])).optional(),
});

const BYTES_PER_SECOND = 4_000;
const TOKENS_PER_SECOND = 17;

function usageOf(model: string, seconds: number, text: string, mode: UsageMode) {
  if (mode === 'missing') return {};
  if (mode === 'hostile')
    return { usage: { type: 'tokens', input_tokens: hostileCounts.huge, output_tokens: -1 } };
  if (model.startsWith('whisper')) return { usage: { type: 'duration', seconds } };
  const audio_tokens = Math.ceil(seconds * TOKENS_PER_SECOND);
  const output_tokens = tokensOf(text);
  return {
    usage: {
      ...{
        type: 'tokens',
        input_tokens: audio_tokens,
        input_token_details: { text_tokens: 0, audio_tokens },
      },
      ...{ output_tokens, total_tokens: audio_tokens + output_tokens },
    },
  };
}

/** Reads and checks the form of a request. */
export function readTranscriptionsRequest(raw: unknown): WholeRequest {
  const parsed = body.safeParse(raw);
  if (!parsed.success) return { ok: false, message: describeIssues(parsed.error) };
  const { file, model, response_format } = parsed.data;
  const seconds = file / BYTES_PER_SECOND;
  const text = `A simulated transcription of ${file} bytes.`;
  const verbose = {
    task: 'transcribe',
    language: 'english',
    duration: seconds,
    segments: [{ id: 0, start: 0, end: seconds, text }],
  };
  return {
    ok: true,
    model,
    answer: (usage) => ({
      text,
      ...(response_format === 'verbose_json' && verbose),
      ...usageOf(model, seconds, text, usage),
    }),
  };
}
