import { z } from 'zod';
import { describeIssues, RawAnswer, sseFrame, type UsageMode, type WholeRequest } from './simulated-api.ts';
import { tokensOf } from './vectors.ts';

/** OpenAI's speech, as documented at developers.openai.com/api/reference/resources/audio/subresources/speech. */

const body = z.strictObject({
  model: z.string().min(1),
  input: z.string().min(1).max(4_096),
  voice: z.union([z.string().min(1), z.object({ id: z.string() })]),
  instructions: z.string().optional(),
  response_format: z.enum(['mp3', 'opus', 'aac', 'flac', 'wav', 'pcm']).default('mp3'),
  speed: z.number().min(0.25).max(4).default(1),
  stream_format: z.enum(['sse', 'audio']).default('audio'),
});

/** Silence that says in its first bytes that it is simulated, whatever the format. */
const audioOf = (input: string): Buffer =>
  Buffer.concat([Buffer.from('SIMULATED'), Buffer.alloc(10 * input.length)]);

/** A second of audio, in which about 15 characters are spoken, is 20 tokens. */
const outputTokensOf = (input: string): number => Math.ceil((input.length / 15) * 20);

function eventsOf({ input }: z.infer<typeof body>, usage: UsageMode): RawAnswer {
  const audio = audioOf(input);
  const half = Math.ceil(audio.byteLength / 2);
  const [input_tokens, output_tokens] = [tokensOf(input), outputTokensOf(input)];
  const told = { input_tokens, output_tokens, total_tokens: input_tokens + output_tokens };
  const events = [
    ...[audio.subarray(0, half), audio.subarray(half)].map((piece) => ({
      type: 'speech.audio.delta',
      audio: piece.toString('base64'),
    })),
    { type: 'speech.audio.done', ...(usage === 'reported' && { usage: told }) },
  ];
  return new RawAnswer('text/event-stream', Buffer.from(events.map((event) => sseFrame(event)).join('')));
}

/** Reads and checks a request. */
export function readSpeechRequest(raw: unknown): WholeRequest {
  const parsed = body.safeParse(raw);
  if (!parsed.success) return { ok: false, message: describeIssues(parsed.error) };
  const { model, input, stream_format } = parsed.data;
  if (stream_format === 'sse' && model.startsWith('tts-1'))
    return { ok: false, message: `stream_format 'sse' is not supported for ${model}.` };
  return {
    ok: true,
    model,
    answer: (usage) =>
      stream_format === 'sse' ? eventsOf(parsed.data, usage) : new RawAnswer('audio/mpeg', audioOf(input)),
  };
}
