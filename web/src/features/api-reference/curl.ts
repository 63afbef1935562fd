import type { Access, Operation } from './reference.ts';

/** Example requests with curl. Values the reader must supply are variables: `$API_KEY`, `$ID`. Pure. */

/** The variable for a name: `api_key` and `api-key` become `API_KEY`. */
export const variableOf = (name: string) => name.toUpperCase().replace(/[^A-Z0-9]+/g, '_');

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
/** Escapes text for double quotes, in which variables are replaced. */
const escaped = (text: string) => text.replace(/["$`\\]/g, '\\$&');
const variable = (name: string) => `$${variableOf(name)}`;

/** The header of a security scheme, or null when it uses none. */
export function headerOf({ name, scheme }: Pick<Access, 'name' | 'scheme'>): string | null {
  if (scheme.type === 'http')
    return `Authorization: ${scheme.scheme === 'bearer' ? 'Bearer' : scheme.scheme} ${variable(name)}`;
  return scheme.in === 'header' ? `${scheme.name}: ${variable(name)}` : null;
}

function addressOf({ path, parameters }: Operation, origin: string): string {
  const filled = path
    .split(/(\{[^}]+\})/)
    .map((part) => (part.startsWith('{') ? variable(part.slice(1, -1)) : escaped(part)))
    .join('');
  const query = parameters
    .filter((parameter) => parameter.in === 'query' && parameter.isRequired)
    .map(({ name }) => `${escaped(name)}=${variable(name)}`);
  const address = escaped(origin) + filled + (query.length === 0 ? '' : `?${query.join('&')}`);
  return `"${address}"`;
}

/** True for a WebSocket, which curl cannot open. */
const isUpgrade = ({ answers }: Operation) => answers.some(({ status }) => status === '101');

type CurlOptions = {
  /** The tenant's origin, without a trailing slash. */
  origin: string;
  /** A model the reader may use, for a body that has one. */
  model?: string | undefined;
};

const withModel = (example: unknown, model: string | undefined) =>
  model !== undefined && typeof example === 'object' && example !== null && 'model' in example
    ? { ...example, model }
    : example;

const isForm = ({ mediaType }: NonNullable<Operation['body']>): boolean =>
  mediaType === 'multipart/form-data';

/** The body: JSON, or the fields of a form, which the reader supplies. */
function dataOf(body: NonNullable<Operation['body']>, example: unknown): string[] {
  if (!isForm(body)) return [`-d ${quoted(JSON.stringify(example, null, 2))}`];
  return Object.entries(example as object).map(
    ([name, value]) => `-F "${escaped(name)}=${String(value).startsWith('@') ? '@' : ''}${variable(name)}"`,
  );
}

/** The request as a curl command, or null when curl cannot send it. */
export function curlOf(operation: Operation, { origin, model }: CurlOptions): string | null {
  if (isUpgrade(operation)) return null;
  const { method, parameters, body, example } = operation;
  const [access] = operation.access;
  const required = parameters.filter((parameter) => parameter.in === 'header' && parameter.isRequired);
  const headers = [
    ...(access === undefined ? [] : [headerOf(access) ?? []].flat()),
    ...required.map(({ name }) => `${name}: ${variable(name)}`),
    ...(body === null || isForm(body) ? [] : [`Content-Type: ${body.mediaType}`]),
  ];
  const isImplied = method === (body === null ? 'get' : 'post');
  const lines = [
    `curl ${isImplied ? '' : `-X ${method.toUpperCase()} `}${addressOf(operation, origin)}`,
    ...headers.map((header) => `-H "${header}"`),
    ...(body === null ? [] : dataOf(body, withModel(example, model))),
  ];
  return lines.join(' \\\n  ');
}

/** The variables in a curl command, in order. */
export const variablesIn = (curl: string): string[] => [
  ...new Set([...curl.matchAll(/(?<!\\)\$([A-Z][A-Z0-9_]*)/g)].map(([, name = '']) => name)),
];
