import { z } from 'zod';
import { TEXT_MAX } from '../chat/chat-parts.ts';
import { imageSourceOf } from './image-url.ts';

/** POST /v1/moderations as OpenAI's SDKs send it (platform.openai.com/docs/api-reference/moderations). */

/** The most texts, or parts of one input, of a request. */
const ITEMS_MAX = 100;

const text = z.string().min(1).max(TEXT_MAX);

const part = z.discriminatedUnion('type', [
  z
    .strictObject({
      type: z.literal('text').describe('A text.'),
      text: text.describe('The text.'),
    })
    .meta({ id: 'ModerationTextPart' }),
  z
    .strictObject({
      type: z.literal('image_url').describe('An image.'),
      image_url: z
        .strictObject({
          url: z
            .string()
            .refine((url) => imageSourceOf(url) !== null, {
              message: 'An https URL, or a data URL of a PNG, JPEG, GIF or WebP in base64',
            })
            .describe('An https URL, or a data URL with a PNG, JPEG, GIF or WebP in base64.'),
        })
        .describe('The image.'),
    })
    .meta({ id: 'ModerationImagePart' }),
]);
export type ModerationPart = z.infer<typeof part>;

/** The body of a request for moderation. */
export const moderationsRequest = z
  .strictObject({
    model: z
      .string()
      .min(1)
      .max(200)
      .default('omni-moderation-latest')
      .describe('The name of a moderation model. Defaults to `omni-moderation-latest`.'),
    input: z
      .union([text, z.array(text).min(1).max(ITEMS_MAX), z.array(part).min(1).max(ITEMS_MAX)])
      .describe(
        `A text, or up to ${ITEMS_MAX} texts that are judged one by one, or up to ${ITEMS_MAX} texts and images that are judged together.`,
      ),
  })
  .meta({ id: 'ModerationsRequest' });
export type ModerationsRequest = z.infer<typeof moderationsRequest>;

/** The judgement of one input. The categories are those of the provider. */
export const moderationResult = z
  .looseObject({
    flagged: z.boolean().describe('True if any category applies.'),
    categories: z.record(z.string(), z.boolean().nullable()).describe('True for each category that applies.'),
    category_scores: z
      .record(z.string(), z.number().nullable())
      .describe('The confidence of the model in each category, from 0 to 1.'),
  })
  .meta({ id: 'ModerationResult' });
export type ModerationResult = z.infer<typeof moderationResult>;

/** The answer to a request for moderation. */
export const moderationsResponse = z
  .object({
    id: z.string().describe('The id of the execution, with the prefix `modr-`.'),
    model: z.string().describe('The model you asked for.'),
    results: z.array(moderationResult).describe('A judgement of each text, or one of all parts together.'),
  })
  .meta({ id: 'ModerationsResponse' });
