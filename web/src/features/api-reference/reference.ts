import {
  type DocumentSchema,
  type ErrorCodeObject,
  type Method,
  methods,
  type NamedSchemas,
  type OpenApiDocument,
  type OperationObject,
  type ParameterObject,
  type SecurityScheme,
} from './document.ts';
import { exampleValue } from './example-value.ts';
import { resolveSchema } from './resolve-schema.ts';
import { titleAndText } from './sentences.ts';
import { type Shape, shapeOf } from './shape.ts';

/** The content of the reference page. Pure. */

export type Parameter = Pick<ParameterObject, 'name' | 'in'> & { isRequired: boolean; shape: Shape };
export type Body = { mediaType: string; shape: Shape };
export type Answer = {
  status: string;
  description: string;
  bodies: Body[];
  /** Error codes of this status, in the order of the document. */
  codes: ErrorCodeObject[];
};
/** An authentication method: the scheme's name in the document, and the scopes it needs. */
export type Access = { name: string; scheme: SecurityScheme; scopes: string[] };

export type Operation = {
  /** The anchor, made of method and path. */
  id: string;
  method: Method;
  path: string;
  title: string;
  /** The description, in paragraphs. */
  text: string[];
  /** Authentication methods, API keys first. Any one is enough; empty for a public operation. */
  access: Access[];
  parameters: Parameter[];
  body: Body | null;
  /** An example request body; undefined without a body. */
  example: unknown;
  answers: Answer[];
};

export type Section = { slug: string; title: string; description: string; operations: Operation[] };
export type ErrorGroup = { status: number; codes: ErrorCodeObject[] };

export type Reference = {
  description: string;
  schemes: Omit<Access, 'scopes'>[];
  sections: Section[];
  errors: ErrorGroup[];
};

/** Sorts API keys before sessions: readers write programs. */
const byKeysFirst = (one: Pick<Access, 'scheme'>, other: Pick<Access, 'scheme'>) =>
  Number(other.scheme.type === 'apiKey') - Number(one.scheme.type === 'apiKey');

/** Lower-case letters and digits, with hyphens between words. */
const slugOf = (words: string) =>
  words
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

/** An example request body. A body without required fields gets its first field. */
function requestExample(schema: DocumentSchema, named: NamedSchemas): unknown {
  const { schema: known } = resolveSchema(schema, named);
  const [first] = Object.keys(known.properties ?? {});
  return first === undefined || (known.required ?? []).length > 0
    ? exampleValue(schema, named)
    : exampleValue({ ...known, required: [first] }, named);
}

/** Returns the part that a reference names, or the part itself; null when there is none of that name. */
function partOf<Part extends object>(
  part: Part | { $ref: string },
  named: Record<string, Part>,
): Part | null {
  return '$ref' in part ? (named[part.$ref.split('/').at(-1) ?? ''] ?? null) : part;
}

/** Returns a function that reads operations of this document. */
function operationReader(document: OpenApiDocument) {
  const { schemas, parameters, responses, securitySchemes } = document.components;
  const known = new Map(document['x-error-codes'].map((code) => [code.code, code]));
  const bodiesOf = (content: Record<string, { schema: DocumentSchema }>): Body[] =>
    Object.entries(content).map(([mediaType, { schema }]) => ({
      mediaType,
      shape: shapeOf(schema, schemas),
    }));

  /** The operation's codes that an answer of this class of statuses, such as `4XX`, can have. */
  const codesOf = (status: string, codes: string[]): ErrorCodeObject[] =>
    codes
      .flatMap((code) => known.get(code) ?? [])
      .filter((code) => status === `${Math.floor(code.status / 100)}XX`);

  const parameterOf = ({ name, in: place, required, description, schema }: ParameterObject): Parameter => {
    const shape = shapeOf(schema, schemas);
    return {
      name,
      in: place,
      isRequired: required,
      shape: { ...shape, description: description ?? shape.description },
    };
  };

  const accessOf = (requirement: Record<string, string[]>): Access[] =>
    Object.entries(requirement).flatMap(([name, scopes]) => {
      const scheme = securitySchemes[name];
      return scheme === undefined ? [] : [{ name, scheme, scopes }];
    });

  return (method: Method, path: string, operation: OperationObject): Operation => {
    const content = operation.requestBody?.content ?? {};
    const [sent] = Object.values(content);
    return {
      id: slugOf(`${method} ${path}`),
      method,
      path,
      ...titleAndText(operation.summary ?? `${method.toUpperCase()} ${path}`, operation.description),
      access: operation.security.flatMap(accessOf).sort(byKeysFirst),
      parameters: operation.parameters
        .flatMap((parameter) => partOf(parameter, parameters) ?? [])
        .map(parameterOf),
      body: bodiesOf(content)[0] ?? null,
      example: sent && (sent.example ?? requestExample(sent.schema, schemas)),
      answers: Object.entries(operation.responses).map(([status, answer]) => {
        const { description = '', content } = partOf(answer, responses) ?? { content: {} };
        const codes = codesOf(status, operation['x-error-codes']);
        return { status, description, bodies: bodiesOf(content), codes };
      }),
    };
  };
}

/** Error codes grouped by status, lowest first. */
function errorsOf(codes: ErrorCodeObject[]): ErrorGroup[] {
  const statuses = [...new Set(codes.map(({ status }) => status))].sort((one, other) => one - other);
  return statuses.map((status) => ({ status, codes: codes.filter((code) => code.status === status) }));
}

/** The reference for a document. Operations are grouped by tag, in the order of the document's tags and then of first use; those without a tag are in "Other". */
export function referenceOf(document: OpenApiDocument): Reference {
  const operationOf = operationReader(document);
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = item[method];
      return operation === undefined
        ? []
        : [{ tag: operation.tags[0] ?? 'Other', operation: operationOf(method, path, operation) }];
    }),
  );
  const names = new Set([...document.tags.map(({ name }) => name), ...operations.map(({ tag }) => tag)]);
  const sections = [...names].map((name) => ({
    slug: slugOf(name),
    title: name,
    description: document.tags.find((tag) => tag.name === name)?.description ?? '',
    operations: operations.filter(({ tag }) => tag === name).map(({ operation }) => operation),
  }));
  return {
    description: document.info.description,
    schemes: Object.entries(document.components.securitySchemes)
      .map(([name, scheme]) => ({ name, scheme }))
      .sort(byKeysFirst),
    sections: sections.filter((section) => section.operations.length > 0),
    errors: errorsOf(document['x-error-codes']),
  };
}
