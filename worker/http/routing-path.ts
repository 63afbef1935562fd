import { getPath } from 'hono/utils/url';

/** The parents of a model's name, which can contain slashes. */
const PARENTS = ['/v1/models/', '/v1beta/models/', '/v1alpha/models/', '/api/admin/model-names/'];

/** The methods of Google's API, which follow the name of a model and a colon. A name can contain colons itself. */
const METHOD =
  /(?::|%3[Aa])(generateContent|streamGenerateContent|countTokens|embedContent|batchEmbedContents)$/;

/** Anything that stands where a method does, which a name of a model never does in a POST. */
const ANY_METHOD = /(?::|%3[Aa])(\w+)$/;

/** Versions of Google's API at which its SDKs ask. */
const GOOGLE = /^\/(?:v1|v1beta|v1alpha)\/models\//;

/** Returns the path of one of Google's methods with a slash before the method; null for any other path. */
function pathOfMethod(method: string, path: string): string | null {
  const isPost = method === 'POST' && path.startsWith('/v1beta/');
  const found = GOOGLE.test(path) ? (isPost ? ANY_METHOD : METHOD).exec(path) : null;
  if (found === null) return null;
  const name = path.slice(0, found.index).replace(GOOGLE, '');
  return `/v1beta/models/${name.replaceAll('/', '%2F')}/${found[1]}`;
}

/**
 * Returns the path by which a request is routed. A slash in the name of a model belongs to the name, and a method of Google's API is a part
 * of its own.
 */
export function routingPath(request: Request): string {
  const path = getPath(request);
  const parent = PARENTS.find((one) => path.startsWith(one));
  if (parent === undefined) return path;
  return pathOfMethod(request.method, path) ?? parent + path.slice(parent.length).replaceAll('/', '%2F');
}

/** Returns the path of a route as clients write it. Pure. */
export const writtenPath = (path: string): string =>
  path.replace(/^(\/v1beta\/models\/\{\w+\})\/(\w+)$/, '$1:$2');
