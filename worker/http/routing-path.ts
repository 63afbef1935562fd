import { getPath } from 'hono/utils/url';

/** The parent of a model's name, which can contain slashes. */
const MODELS = '/v1/models/';

/** Returns the path by which a request is routed. A slash in the name of a model belongs to the name. */
export function routingPath(request: Request): string {
  const path = getPath(request);
  if (!path.startsWith(MODELS)) return path;
  return MODELS + path.slice(MODELS.length).replaceAll('/', '%2F');
}
