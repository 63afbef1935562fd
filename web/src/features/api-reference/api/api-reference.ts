import { queryOptions } from '@tanstack/react-query';
import type { Hono } from 'hono';
import { hc } from 'hono/client';
import type { BlankEnv } from 'hono/types';
import { ApiError, askFile } from '../../../lib/api-client.ts';
import { referenceDocument } from '../document.ts';
import { type Reference, referenceOf } from '../reference.ts';

/** The path of the API's OpenAPI document. */
export const OPENAPI_PATH = '/api/openapi.json';

/** The OpenAPI document does not list its own route. */
type DescriptionRoute = {
  '/api/openapi.json': { $get: { input: object; output: object; outputFormat: 'json'; status: 200 } };
};
const { api } = hc<Hono<BlankEnv, DescriptionRoute>>('/');

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/** Throws an {@link ApiError} when the document cannot be loaded or read. */
async function fetchReference(): Promise<Reference> {
  const file = await askFile(api['openapi.json'].$get());
  const document = referenceDocument.safeParse(parsed(await file.text()));
  if (!document.success)
    throw new ApiError('internal', 'The API reference could not be read. Try again shortly.', null);
  return referenceOf(document.data);
}

/** The API reference, read from the OpenAPI document. It changes only with a new build, which reloads the page. */
export const referenceQuery = queryOptions({
  queryKey: ['api-reference'],
  queryFn: fetchReference,
  staleTime: Number.POSITIVE_INFINITY,
});
