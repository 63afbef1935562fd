import { z } from 'zod';

/** The lists of models in Anthropic's format (platform.claude.com/docs/en/api/models). */

/** The most models of a page, and those of one that names no limit. */
const PAGE_MAX = 1_000;
const PAGE_DEFAULT = 20;

const place = (direction: string) =>
  z.string().min(1).max(200).optional().describe(`The name of a model: the page has those ${direction} it.`);

/** The page of a list to answer. */
export const modelPage = z
  .object({
    limit: z.coerce
      .number()
      .int()
      .min(1)
      .max(PAGE_MAX)
      .default(PAGE_DEFAULT)
      .describe('The most models of the page, 1 to 1,000.'),
    after_id: place('after'),
    before_id: place('before'),
  })
  .refine(({ after_id, before_id }) => after_id === undefined || before_id === undefined, {
    path: ['before_id'],
    message: 'Send either after_id or before_id',
  });
export type ModelPage = z.infer<typeof modelPage>;

export const anthropicModel = z
  .object({
    type: z.literal('model').describe('The type of the object.'),
    id: z.string().describe('The name of the model. Send it as `model`.'),
    display_name: z.string().describe('The same name.'),
    created_at: z.iso.datetime().describe('The time at which it was added.'),
    max_input_tokens: z.int().describe('The context window, in tokens.'),
    max_tokens: z.int().describe('The largest answer, in tokens.'),
    lifecycle: z.literal('active').describe('Always `active`.'),
    deprecated_at: z.null().describe('Always null.'),
    retires_at: z.null().describe('Always null.'),
    line: z.null().describe('Always null.'),
    capabilities: z.null().describe('Always null: several providers can serve a model.'),
  })
  .meta({ id: 'AnthropicModel' });
export type AnthropicModel = z.infer<typeof anthropicModel>;

export const anthropicModelList = z
  .object({
    data: z.array(anthropicModel).describe('The models of the page.'),
    has_more: z.boolean().describe('True if there are more in the direction that was asked for.'),
    first_id: z.string().nullable().describe('The first model of the page. Null if there is none.'),
    last_id: z.string().nullable().describe('The last model of the page. Null if there is none.'),
  })
  .meta({ id: 'AnthropicModelList' });
export type AnthropicModelList = z.infer<typeof anthropicModelList>;
