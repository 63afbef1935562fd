import { z } from 'zod';
import type { SimulatedPrompt, SimulatedTurn } from './answer.ts';
import {
  type CountOperation,
  describeIssues,
  type GenerateOperation,
  type ParsedRequest,
} from './simulated-api.ts';

/** Request bodies of Google's generateContent: their schema, and their translation to a simulated prompt. */

const audioTypes = ['audio/wav', 'audio/mp3', 'audio/aiff', 'audio/aac', 'audio/ogg', 'audio/flac'] as const;

const object = z.record(z.string(), z.unknown());
const part = z.union([
  z.object({ text: z.string().min(1) }),
  z.object({
    inlineData: z.object({
      mimeType: z.enum([
        'image/png',
        'image/jpeg',
        'image/webp',
        'image/heic',
        'image/heif',
        'application/pdf',
        ...audioTypes,
      ]),
      data: z.base64(),
    }),
  }),
  z.object({
    functionCall: z.object({ name: z.string(), args: object }),
    thoughtSignature: z.string().optional(),
  }),
  z.object({ functionResponse: z.object({ name: z.string(), response: object }) }),
]);
type Part = z.infer<typeof part>;
/** The first call of a turn bears a signature. */
const parts = z
  .array(part)
  .min(1)
  .refine((list) => {
    const call = list.find((one) => 'functionCall' in one);
    return call === undefined || call.thoughtSignature !== undefined;
  }, 'Function call is missing a thought_signature in functionCall parts.');
const content = z.object({ role: z.enum(['user', 'model']).default('user'), parts });
type Content = z.infer<typeof content>;
const body = z.object({
  contents: z.array(content).min(1),
  systemInstruction: z.object({ parts: z.array(z.object({ text: z.string().min(1) })).min(1) }).optional(),
  generationConfig: z
    .object({
      maxOutputTokens: z.int().min(1).optional(),
      responseMimeType: z.enum(['text/plain', 'application/json']).default('text/plain'),
      responseJsonSchema: object.optional(),
      stopSequences: z.array(z.string()).max(5).optional(),
      mediaResolution: z.enum(['MEDIA_RESOLUTION_LOW', 'MEDIA_RESOLUTION_HIGH']).optional(),
    })
    .default({ responseMimeType: 'text/plain' }),
  tools: z
    .array(
      z.object({
        functionDeclarations: z.array(
          z.object({
            name: z.string(),
            description: z.string().default(''),
            parametersJsonSchema: object.default({}),
          }),
        ),
      }),
    )
    .default([]),
  toolConfig: z
    .object({
      functionCallingConfig: z.object({
        mode: z.enum(['AUTO', 'ANY', 'NONE']),
        allowedFunctionNames: z.array(z.string()).max(1).optional(),
      }),
    })
    .default({ functionCallingConfig: { mode: 'AUTO' } }),
});
type Body = z.infer<typeof body>;

/** Token count of any image at Gemini 3, by resolution. */
const IMAGE_TOKENS = { low: 280, high: 1_120 };
/** Token count of a PDF with one page. */
const DOCUMENT_TOKENS = 560;
/** The token count of a recording of ten seconds. */
const AUDIO_TOKENS = 320;

function textOfPart(one: Part): string {
  if ('text' in one) return one.text;
  if ('functionCall' in one) return one.functionCall.name + JSON.stringify(one.functionCall.args);
  return 'functionResponse' in one ? JSON.stringify(one.functionResponse.response) : '';
}

/** Splits a content into turns: tool results come first, as a turn of their own. */
function turnsOf({ role, parts }: Content, image_tokens: number): SimulatedTurn[] {
  const side = role === 'model' ? ('assistant' as const) : ('user' as const);
  const results = parts.filter((one) => 'functionResponse' in one);
  const others = parts.filter((one) => !('functionResponse' in one));
  const typeOf = (one: Part) => ('inlineData' in one ? one.inlineData.mimeType : '');
  const images = others.filter((one) => typeOf(one).startsWith('image/'));
  const documents = others.filter((one) => typeOf(one) === 'application/pdf');
  const recordings = others.filter((one) => typeOf(one).startsWith('audio/'));
  const joined = (list: Part[]) => list.map(textOfPart).filter(Boolean).join('\n');
  return [
    ...(results.length > 0 ? [{ role: side, text: joined(results), is_tool_result: true }] : []),
    ...(others.length > 0
      ? [
          {
            role: side,
            text: joined(others),
            image_tokens: images.map(() => image_tokens),
            document_tokens: documents.map(() => DOCUMENT_TOKENS),
            audio_tokens: recordings.map(() => AUDIO_TOKENS),
          },
        ]
      : []),
  ];
}

/** Returns the error if a turn of calls is not followed by as many answers, or null. */
function unansweredCalls(contents: Content[]): string | null {
  let called: string[] = [];
  for (const { parts } of contents) {
    const answered = parts.flatMap((one) => ('functionResponse' in one ? [one.functionResponse.name] : []));
    if (answered.toSorted().join() !== called.toSorted().join())
      return 'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.';
    called = parts.flatMap((one) => ('functionCall' in one ? [one.functionCall.name] : []));
  }
  return null;
}

function toolChoiceOf({ toolConfig }: Body): SimulatedPrompt['tool_choice'] {
  const { mode, allowedFunctionNames } = toolConfig.functionCallingConfig;
  const [name] = allowedFunctionNames ?? [];
  if (mode !== 'ANY') return mode === 'NONE' ? 'none' : 'auto';
  return name === undefined ? 'required' : { name };
}

function formOf({ generationConfig }: Body): SimulatedPrompt['form'] {
  if (generationConfig.responseMimeType === 'text/plain') return 'text';
  const schema = generationConfig.responseJsonSchema;
  return schema === undefined ? 'json_object' : { schema };
}

const countedBody = z.union([
  z.object({ generateContentRequest: z.looseObject({ model: z.string() }) }),
  z.object({ contents: z.array(content).min(1) }),
]);

/** Reads and checks a request to count: contents alone, or a request to generate that names the model of the path. */
export function readCountRequest({ model }: CountOperation, raw: unknown): ParsedRequest {
  const parsed = countedBody.safeParse(raw);
  if (!parsed.success) return { ok: false, message: describeIssues(parsed.error) };
  const operation = { kind: 'generate', model, stream: false } as const;
  if ('contents' in parsed.data) return readContentRequest(operation, raw);
  const { generateContentRequest } = parsed.data;
  if (generateContentRequest.model !== `models/${model}`)
    return { ok: false, message: 'model in generateContentRequest must match the model of the URL' };
  return readContentRequest(operation, generateContentRequest);
}

/** Reads and checks a request. Its path names the model and the method. */
export function readContentRequest({ model, stream }: GenerateOperation, raw: unknown): ParsedRequest {
  const parsed = body.safeParse(raw);
  if (!parsed.success) return { ok: false, message: describeIssues(parsed.error) };
  const { contents, systemInstruction, generationConfig, tools } = parsed.data;
  const unanswered = unansweredCalls(contents);
  if (unanswered !== null) return { ok: false, message: unanswered };
  const form = formOf(parsed.data);
  if (tools.length > 0 && form !== 'text')
    return {
      ok: false,
      message: "Function calling with a response mime type: 'application/json' is unsupported",
    };
  const isLow = generationConfig.mediaResolution === 'MEDIA_RESOLUTION_LOW';
  const instructions = (systemInstruction?.parts ?? []).map(({ text }) => text).join('\n');
  return {
    ok: true,
    request: {
      model: model ?? '',
      turns: [
        ...(instructions === '' ? [] : [{ role: 'system' as const, text: instructions }]),
        ...contents.flatMap((one) => turnsOf(one, IMAGE_TOKENS[isLow ? 'low' : 'high'])),
      ],
      tools: tools.flatMap(({ functionDeclarations }) =>
        functionDeclarations.map(({ name, description, parametersJsonSchema }) => ({
          name,
          description,
          schema: parametersJsonSchema,
        })),
      ),
      tool_choice: toolChoiceOf(parsed.data),
      one_call: false,
      form,
      max_output_tokens: generationConfig.maxOutputTokens ?? null,
      stream: stream === true,
      stream_usage: true,
    },
  };
}
