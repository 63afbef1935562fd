import { bodyLimit } from 'hono/body-limit';
import { createMiddleware } from 'hono/factory';
import { EMBEDDING_ITEMS_MAX, EMBEDDING_TOKENS_MAX } from '../../../contracts/v1/embeddings.ts';
import { FILE_BYTES_MAX } from '../../../contracts/v1/files.ts';
import type { AppEnv } from '../app-env.ts';
import { problem } from '../errors.ts';
import { jsonShape } from '../json-shape.ts';

/** Deeper than schemas and tools in practice, and safe for recursive functions. */
const JSON_DEPTH_MAX = 100;

/**
 * The most keys and items of a body. An invalid item of 2 bytes costs as much to validate as a long text, in an isolate whose requests
 * wait for each other. 50,000 are a conversation of 8,000 messages with a part each, and take about 0.1 s.
 */
const JSON_VALUES_MAX = 10_000;
const PROMPT_VALUES_MAX = 50_000;
/** The input of embeddings can be tokens, which are checked without a record of each. */
const EMBEDDING_VALUES_MAX = EMBEDDING_TOKENS_MAX + EMBEDDING_ITEMS_MAX + 1_000;

/** Paths that accept prompts, which can contain images. */
const takesPrompts = (path: string) =>
  /^\/(v1(beta)?|api\/conversations)\//.test(path) ||
  path === '/api/ai/executions' ||
  path === '/api/conversations';

/** Returns the most keys and items of a body that is sent to a path. */
function valuesMaxOf(path: string): number {
  if (path === '/v1/embeddings') return EMBEDDING_VALUES_MAX;
  return takesPrompts(path) ? PROMPT_VALUES_MAX : JSON_VALUES_MAX;
}

/** Bytes of the form around an uploaded file. */
const FORM_BYTES_MAX = 65_536;

/** An upload of a file. Its bytes are counted as they are read (files/upload.ts). */
const isUpload = ({ path, method }: { path: string; method: string }) =>
  path === '/v1/files' && method === 'POST';

/** Refuses a body over BODY_LIMIT_BYTES, or PROMPT_LIMIT_BYTES where prompts are sent, or the size of a file, announced or chunked, before it is parsed. */
export const limitBody = createMiddleware<AppEnv>((c, next) => {
  const { BODY_LIMIT_BYTES, PROMPT_LIMIT_BYTES } = c.get('settings');
  const ofPath = takesPrompts(c.req.path) ? PROMPT_LIMIT_BYTES : BODY_LIMIT_BYTES;
  const maxSize = isUpload(c.req) ? FILE_BYTES_MAX + FORM_BYTES_MAX : ofPath;
  const onError = () => problem(c, 'body_too_large', { details: { field: 'body', limit_bytes: maxSize } });
  const announced = c.req.header('content-length');
  // Only a body of unknown length has to be counted, and the library holds all of it.
  if (isUpload(c.req) && announced === undefined) return next();
  if (announced === undefined || c.req.header('transfer-encoding') !== undefined)
    return bodyLimit({ maxSize, onError })(c, next);
  return Number(announced) > maxSize ? Promise.resolve(onError()) : next();
});

/** Refuses JSON that is nested too deep for recursive functions, or has more values than can be validated at once. */
export const limitJson = createMiddleware<AppEnv>(async (c, next) => {
  const isJson = /^application\/([a-z-.]+\+)?json/i.test(c.req.header('content-type') ?? '');
  if (!isJson) return next();
  const valuesMax = valuesMaxOf(c.req.path);
  const shape = jsonShape(await c.req.text(), { depth: JSON_DEPTH_MAX, values: valuesMax });
  if (shape.depth > JSON_DEPTH_MAX)
    return problem(c, 'invalid_json', {
      message: `The body is nested deeper than ${JSON_DEPTH_MAX} levels.`,
      details: { field: 'body', rule: 'too_deep', depth_max: JSON_DEPTH_MAX },
    });
  if (shape.values > valuesMax)
    return problem(c, 'body_too_large', {
      message: `The body has more than ${valuesMax} keys and items.`,
      details: { field: 'body', rule: 'too_many_values', values_max: valuesMax },
    });
  return next();
});
