import type { ChatOptions } from '../../../contracts/chat.ts';

type JsonSchemaFormat = Extract<ChatOptions['response_format'], { type: 'json_schema' }>;

/** The schema of an answer, with what it is for, where a provider has no place of its own to say that. Pure. */
export const describedSchema = ({ description, schema }: JsonSchemaFormat): Record<string, unknown> =>
  description === undefined ? schema : { description, ...schema };
