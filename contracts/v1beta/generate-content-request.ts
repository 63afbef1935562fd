import { z } from 'zod';
import { OUTPUT_TOKENS_MAX } from '../api/executions.ts';
import { fallbackModels } from '../catalog/model-routing.ts';
import { jsonSchema, stopSequence, TOOLS_MAX, toolName } from '../chat/chat.ts';
import { TEXT_MAX } from '../chat/chat-parts.ts';
import { googleContent, systemInstruction, unsupported } from './content.ts';
import { protoJson } from './proto-json.ts';

/**
 * POST /v1beta/models/{model}:generateContent as Google's SDKs send it (ai.google.dev/api/generate-content). Fields without a counterpart
 * are refused by name if they change what is answered or what it costs, and ignored if they do not.
 */

const functionDeclaration = z
  .looseObject({
    name: toolName,
    description: z.string().max(TEXT_MAX).nullish().describe('A description of the function, for the model.'),
    parameters: jsonSchema.nullish().describe("The parameters, in Google's dialect of OpenAPI."),
    parametersJsonSchema: jsonSchema.nullish().describe('The parameters, as a JSON Schema.'),
  })
  .refine(({ parameters, parametersJsonSchema }) => parameters == null || parametersJsonSchema == null, {
    path: ['parametersJsonSchema'],
    message: 'Send either parameters or parametersJsonSchema',
  })
  .meta({ id: 'GoogleFunctionDeclaration' });

const HOSTED = 'No tool runs at the provider: only functionDeclarations';

const tool = z
  .looseObject({
    functionDeclarations: z
      .array(functionDeclaration)
      .max(TOOLS_MAX)
      .nullish()
      .describe('The functions that the model may call.'),
    googleSearch: unsupported(HOSTED),
    googleSearchRetrieval: unsupported(HOSTED),
    googleMaps: unsupported(HOSTED),
    codeExecution: unsupported(HOSTED),
    urlContext: unsupported(HOSTED),
    fileSearch: unsupported(HOSTED),
    computerUse: unsupported(HOSTED),
    mcpServers: unsupported(HOSTED),
  })
  .meta({ id: 'GoogleTool' });

const toolConfig = z
  .looseObject({
    functionCallingConfig: z
      .looseObject({
        mode: z
          .enum(['MODE_UNSPECIFIED', 'AUTO', 'ANY', 'NONE', 'VALIDATED'])
          .nullish()
          .describe('`AUTO` (default): the model decides; `ANY`: at least one call; `NONE`: no calls.'),
        allowedFunctionNames: z
          .array(toolName)
          .max(TOOLS_MAX)
          .nullish()
          .describe('The functions of which one has to be called, with `ANY`.'),
      })
      .nullish()
      .describe('The choice among the functions.'),
  })
  .meta({ id: 'GoogleToolConfig' });

const thinkingConfig = z
  .looseObject({
    includeThoughts: z.boolean().nullish().describe('If true, thoughts are part of the answer.'),
    thinkingBudget: z
      .int()
      .min(-1)
      .max(OUTPUT_TOKENS_MAX)
      .nullish()
      .describe('The most tokens of thoughts. 0 switches them off, -1 leaves them to the model.'),
    thinkingLevel: z
      .enum([
        'THINKING_LEVEL_UNSPECIFIED',
        'MINIMAL',
        'LOW',
        'MEDIUM',
        'HIGH',
        'minimal',
        'low',
        'medium',
        'high',
      ])
      .nullish()
      .describe('The effort of the thinking.'),
  })
  .meta({ id: 'GoogleThinkingConfig' });

const isTextOnly = (modalities: readonly string[]): boolean =>
  modalities.every((modality) => modality.toUpperCase() === 'TEXT');

const JSON_TYPE = 'application/json';

export const generationConfig = z
  .looseObject({
    temperature: z.number().min(0).max(2).nullish().describe('The sampling temperature, 0 to 2.'),
    topP: z.number().min(0).max(1).nullish().describe('Nucleus sampling.'),
    topK: z.number().min(1).nullish().describe('Only this many of the most likely tokens are considered.'),
    maxOutputTokens: z
      .int()
      .min(1)
      .max(OUTPUT_TOKENS_MAX)
      .nullish()
      .describe("The largest answer, in tokens, thoughts included. Defaults to the model's limit."),
    stopSequences: z.array(stopSequence).max(5).nullish().describe('Up to 5 sequences that end the answer.'),
    responseMimeType: z
      .enum(['', 'text/plain', JSON_TYPE], 'Only text/plain and application/json')
      .nullish()
      .describe('The form of the answer: text (default), or JSON.'),
    responseSchema: jsonSchema.nullish().describe("The schema of JSON, in Google's dialect of OpenAPI."),
    responseJsonSchema: jsonSchema.nullish().describe('The schema of JSON, as a JSON Schema.'),
    seed: z.int().nullish().describe('Makes answers alike, where the provider offers that.'),
    presencePenalty: z.number().min(-2).max(2).nullish().describe('Makes new words likelier.'),
    frequencyPenalty: z.number().min(-2).max(2).nullish().describe('Makes repeated words less likely.'),
    thinkingConfig: thinkingConfig.nullish().describe('The thinking to ask for.'),
    candidateCount: unsupported('One answer for each request', 1),
    responseLogprobs: unsupported('Log probabilities are not supported', false),
    logprobs: unsupported('Log probabilities are not supported', 0),
    responseModalities: z
      .array(z.string().max(50))
      .max(5)
      .refine(isTextOnly, 'Only TEXT')
      .nullish()
      .describe('`TEXT` alone, or left out.'),
    speechConfig: unsupported('Only text is answered'),
    imageConfig: unsupported('Only text is answered'),
    mediaResolution: z
      .string()
      .max(100)
      .nullish()
      .describe('`MEDIA_RESOLUTION_LOW` asks for fewer tokens of images. Any other value is the default.'),
  })
  .refine(({ responseSchema, responseJsonSchema }) => responseSchema == null || responseJsonSchema == null, {
    path: ['responseJsonSchema'],
    message: 'Send either responseSchema or responseJsonSchema',
  })
  .refine(
    ({ responseSchema, responseJsonSchema, responseMimeType }) =>
      (responseSchema == null && responseJsonSchema == null) || responseMimeType === JSON_TYPE,
    { path: ['responseMimeType'], message: 'A schema needs application/json' },
  )
  .meta({ id: 'GoogleGenerationConfig' });

const request = z.looseObject({
  contents: z.array(googleContent).min(1).max(10_000).describe('The conversation, oldest turn first.'),
  models: fallbackModels.nullish().describe(fallbackModels.description ?? ''),
  systemInstruction: systemInstruction.nullish().describe('Instructions for the model.'),
  generationConfig: generationConfig.nullish().describe('The form and the limits of the answer.'),
  tools: z.array(tool).max(TOOLS_MAX).nullish().describe('The tools the model may call.'),
  toolConfig: toolConfig.nullish().describe('The choice among the tools.'),
  safetySettings: z
    .array(z.looseObject({}))
    .max(20)
    .nullish()
    .describe('Ignored: the filters are those that each provider applies by default.'),
  cachedContent: unsupported('Contents are not kept: send them with each request', ''),
  serviceTier: unsupported('Another tier has another price', 'standard'),
});
export type GenerateContentRequest = z.infer<typeof request>;

export const generateContentRequest = z.preprocess(protoJson, request).meta({ id: 'GenerateContentRequest' });

/** POST /v1beta/models/{model}:countTokens: the contents alone, or a whole request. */
export const countTokensRequest = z
  .preprocess(
    protoJson,
    z
      .looseObject({
        contents: request.shape.contents.nullish(),
        generateContentRequest: request.nullish().describe('A whole request, whose input is counted.'),
      })
      .refine(
        ({ contents, generateContentRequest: whole }) => (contents == null) !== (whole == null),
        'Send either contents or generateContentRequest',
      ),
  )
  .meta({ id: 'CountTokensRequest' });
export type CountTokensRequest = z.infer<typeof countTokensRequest>;
