import { z } from 'zod';

/** The answers, models and errors of Google's generateContent. */

const count = z.int().min(0);

const answerPart = z
  .object({
    text: z.string().optional().describe('A text.'),
    thought: z.literal(true).optional().describe('True for a thought of the model.'),
    thoughtSignature: z
      .string()
      .optional()
      .describe('A signature of the provider, in base64. Send it back with the part.'),
    functionCall: z
      .object({
        id: z.string().describe('The id of the call. Send it with the result.'),
        name: z.string().describe('The name of the function.'),
        args: z.record(z.string(), z.unknown()).describe('The arguments.'),
      })
      .optional()
      .describe('A call of a function.'),
  })
  .meta({ id: 'GoogleAnswerPart' });
export type GoogleAnswerPart = z.infer<typeof answerPart>;

const tokensOfModality = z.object({
  modality: z.enum(['TEXT', 'IMAGE', 'AUDIO']).describe('The kind of content.'),
  tokenCount: count.describe('Its tokens.'),
});

export const googleUsage = z
  .object({
    promptTokenCount: count.describe('Tokens of the prompt, cached ones included.'),
    cachedContentTokenCount: count
      .optional()
      .describe("Prompt tokens read from the provider's cache. Missing if there are none."),
    candidatesTokenCount: count.describe('Tokens of the answer, without thoughts.'),
    thoughtsTokenCount: count.optional().describe('Tokens of thoughts. Missing if there are none.'),
    totalTokenCount: count.describe('The sum of prompt, answer and thoughts.'),
    promptTokensDetails: z.array(tokensOfModality).optional().describe('The prompt by kind of content.'),
  })
  .meta({ id: 'GoogleUsage' });
export type GoogleUsage = z.infer<typeof googleUsage>;

/** An answer, or one piece of a stream. */
export const generateContentResponse = z
  .object({
    candidates: z
      .array(
        z.object({
          content: z
            .object({
              parts: z.array(answerPart).describe('The parts of the answer.'),
              role: z.literal('model').describe('Always `model`.'),
            })
            .describe('The answer.'),
          finishReason: z
            .enum(['STOP', 'MAX_TOKENS', 'SAFETY'])
            .optional()
            .describe(
              'The reason the answer ended: `STOP`: it is complete, or calls functions; `MAX_TOKENS`: it reached the output limit; `SAFETY`: a filter stopped it. Missing before the end.',
            ),
          index: count.describe('Always 0: an answer has one candidate.'),
        }),
      )
      .describe('One candidate.'),
    usageMetadata: googleUsage.optional().describe('The tokens used. In the last piece of a stream.'),
    modelVersion: z.string().describe('The public name of the model that answers.'),
    responseId: z.string().describe('The id of the execution. Its receipt is at `/api/ai/executions/{id}`.'),
  })
  .meta({ id: 'GenerateContentResponse' });
export type GenerateContentResponse = z.infer<typeof generateContentResponse>;

export const countTokensResponse = z
  .object({
    totalTokens: count.describe('The tokens of the input.'),
  })
  .meta({ id: 'CountTokensResponse' });

export const googleModel = z
  .object({
    name: z.string().describe('`models/` and the name of the model.'),
    baseModelId: z.string().describe('The name of the model.'),
    version: z.string().describe('Always empty: the name tells the version.'),
    displayName: z.string().describe('The name of the model.'),
    description: z.string().describe('The first provider of the model.'),
    inputTokenLimit: count.describe('The context window, in tokens.'),
    outputTokenLimit: count.describe('The largest answer, in tokens.'),
    supportedGenerationMethods: z.array(z.string()).describe('The methods that the model takes.'),
  })
  .meta({ id: 'GoogleModel' });
export type GoogleModel = z.infer<typeof googleModel>;

export const googleModelList = z
  .object({ models: z.array(googleModel).describe('All models you can use, in one page.') })
  .meta({ id: 'GoogleModelList' });

/** The status names of google.rpc.Code that errors have here. */
const statuses = [
  'INVALID_ARGUMENT',
  'UNAUTHENTICATED',
  'FAILED_PRECONDITION',
  'PERMISSION_DENIED',
  'NOT_FOUND',
  'UNIMPLEMENTED',
  'ABORTED',
  'RESOURCE_EXHAUSTED',
  'INTERNAL',
  'UNAVAILABLE',
] as const;
export type GoogleStatus = (typeof statuses)[number];

/** The error response of `/v1beta`, in Google's format. */
export const googleError = z
  .object({
    error: z
      .object({
        code: z.int().describe('The HTTP status.'),
        message: z.string().describe('A sentence for people: the problem and how to fix it.'),
        status: z.enum(statuses).describe('The name of the status.'),
        details: z
          .array(z.looseObject({ '@type': z.string().describe('The type of the detail.') }))
          .describe(
            'The error code as the `reason` of an ErrorInfo with the id of the request, the fields with their rules as a BadRequest, and the wait as a RetryInfo.',
          ),
      })
      .describe('The error.'),
  })
  .meta({ id: 'GoogleError' });
export type GoogleError = z.infer<typeof googleError>;
