import type { RouteConfig } from '@hono/zod-openapi';
import type { RequestContext } from './app-env.ts';
import { endpointsOf, hintOf, methodsOf } from './endpoints.ts';
import { problem } from './errors.ts';

/**
 * Returns the answer to requests that no route takes: 405 with `Allow` for the wrong method of an endpoint, else 404 with the endpoint
 * that was probably meant.
 */
export function noEndpoint(routes: () => readonly RouteConfig[]) {
  let known: ReturnType<typeof endpointsOf> | undefined;
  return (c: RequestContext): Response => {
    known ??= endpointsOf(routes());
    const { method, path } = c.req;
    const methods = methodsOf(known, path);
    if (methods.length === 0 || methods.includes(method))
      return problem(c, 'not_found', {
        message: `There is no endpoint at this path. ${hintOf(known, path)}`,
      });
    c.header('allow', methods.join(', '));
    return problem(c, 'method_not_allowed', {
      message: `This endpoint takes ${methods.join(' and ')}, not ${method}.`,
    });
  };
}
