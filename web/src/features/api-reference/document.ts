import { z } from 'zod';

/** The part of an OpenAPI 3.1 document that the reference page reads. It ignores everything else. */

export type DocumentSchema = {
  $ref?: string | undefined;
  type?: string | string[] | undefined;
  description?: string | undefined;
  format?: string | undefined;
  pattern?: string | undefined;
  enum?: unknown[] | undefined;
  const?: unknown;
  default?: unknown;
  example?: unknown;
  examples?: unknown[] | undefined;
  minimum?: number | undefined;
  maximum?: number | undefined;
  exclusiveMinimum?: number | undefined;
  exclusiveMaximum?: number | undefined;
  minLength?: number | undefined;
  maxLength?: number | undefined;
  minItems?: number | undefined;
  maxItems?: number | undefined;
  required?: string[] | undefined;
  properties?: Record<string, DocumentSchema> | undefined;
  additionalProperties?: boolean | DocumentSchema | undefined;
  items?: DocumentSchema | undefined;
  oneOf?: DocumentSchema[] | undefined;
  anyOf?: DocumentSchema[] | undefined;
  allOf?: DocumentSchema[] | undefined;
};

const text = z.string().optional();
const bound = z.number().optional();
const schemas = z.lazy(() => z.array(jsonSchema)).optional();

const jsonSchema: z.ZodType<DocumentSchema> = z.object({
  $ref: text,
  type: z.union([z.string(), z.array(z.string())]).optional(),
  description: text,
  format: text,
  pattern: text,
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  default: z.unknown().optional(),
  example: z.unknown().optional(),
  examples: z.array(z.unknown()).optional(),
  minimum: bound,
  maximum: bound,
  exclusiveMinimum: bound,
  exclusiveMaximum: bound,
  minLength: bound,
  maxLength: bound,
  minItems: bound,
  maxItems: bound,
  required: z.array(z.string()).optional(),
  properties: z.lazy(() => z.record(z.string(), jsonSchema)).optional(),
  additionalProperties: z.lazy(() => z.union([z.boolean(), jsonSchema])).optional(),
  items: z.lazy(() => jsonSchema).optional(),
  oneOf: schemas,
  anyOf: schemas,
  allOf: schemas,
});

const content = z.record(
  z.string(),
  z.object({ schema: jsonSchema.default({}), example: z.unknown().optional() }),
);

const parameter = z.object({
  name: z.string(),
  in: z.enum(['path', 'query', 'header', 'cookie']),
  required: z.boolean().default(false),
  description: text,
  schema: jsonSchema.default({}),
});
export type ParameterObject = z.infer<typeof parameter>;

const answer = z.object({ description: text, content: content.default({}) });

/** A part that several operations share stands in `components`; here is where. */
const reference = z.object({ $ref: z.string() });

const operation = z.object({
  tags: z.array(z.string()).default([]),
  summary: text,
  description: text,
  security: z.array(z.record(z.string(), z.array(z.string()))).default([]),
  parameters: z.array(z.union([reference, parameter])).default([]),
  requestBody: z.object({ required: z.boolean().default(false), content }).optional(),
  responses: z.record(z.string(), z.union([reference, answer])),
  /** Ours: the codes of `x-error-codes` that this operation can answer. */
  'x-error-codes': z.array(z.string()).default([]),
});
export type OperationObject = z.infer<typeof operation>;

export const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;
export type Method = (typeof methods)[number];

const maybeOperation = operation.optional();
const pathItem = z.object({
  get: maybeOperation,
  post: maybeOperation,
  put: maybeOperation,
  patch: maybeOperation,
  delete: maybeOperation,
} satisfies Record<Method, unknown>);

const securityScheme = z.discriminatedUnion('type', [
  z.object({ type: z.literal('http'), scheme: z.string(), description: text }),
  z.object({
    type: z.literal('apiKey'),
    in: z.enum(['header', 'query', 'cookie']),
    name: z.string(),
    description: text,
  }),
]);
export type SecurityScheme = z.infer<typeof securityScheme>;

const errorCode = z.object({ code: z.string(), status: z.int(), message: z.string() });
export type ErrorCodeObject = z.infer<typeof errorCode>;

export const referenceDocument = z.object({
  info: z.object({ description: z.string().default('') }),
  tags: z.array(z.object({ name: z.string(), description: z.string().default('') })).default([]),
  paths: z.record(z.string(), pathItem),
  components: z
    .object({
      schemas: z.record(z.string(), jsonSchema).default({}),
      parameters: z.record(z.string(), parameter).default({}),
      responses: z.record(z.string(), answer).default({}),
      securitySchemes: z.record(z.string(), securityScheme).default({}),
    })
    .default({ schemas: {}, parameters: {}, responses: {}, securitySchemes: {} }),
  /** An extension of ours: every error code, with its status and the action to take. */
  'x-error-codes': z.array(errorCode).default([]),
});
export type OpenApiDocument = z.infer<typeof referenceDocument>;

/** Schemas by the names that references use. */
export type NamedSchemas = OpenApiDocument['components']['schemas'];
