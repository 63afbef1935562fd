import type { Hono } from 'hono';
import { hc } from 'hono/client';
import type { BlankEnv } from 'hono/types';
import { ApiError, askFile } from '../../../lib/api-client.ts';
import { openApiDocument } from '../document.ts';
import { type Reference, referenceOf } from '../reference.ts';

/** Where the API describes itself. */
export const OPENAPI_PATH = '/api/openapi.json';

/** The description is not one of the routes it describes. */
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

/** The API as its own description has it. Throws an {@link ApiError}, also when that is not one we can read. */
export async function fetchReference(): Promise<Reference> {
  const file = await askFile(api['openapi.json'].$get());
  const document = openApiDocument.safeParse(parsed(await file.text()));
  if (!document.success)
    throw new ApiError('internal', 'The description of the API could not be read. Try again shortly.', null);
  return referenceOf(document.data);
}
