import { html } from 'hono/html';
import type { RequestContext } from './app-env.ts';
import { problem } from './errors.ts';

/** No tenant answers here: JSON for programs, a page in plain words for people. */
export function unknownHost(c: RequestContext, hostname: string) {
  if (!c.req.header('accept')?.includes('text/html'))
    return problem(c, 'unknown_host', { details: { hostname } });
  return c.html(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>Nobody lives here</title>
        </head>
        <body>
          <h1>Nobody lives here</h1>
          <p>No tenant answers at <strong>${hostname}</strong>. Check the address for a typing mistake.</p>
          <p>If this is your own domain, its setup may not be finished: ask the person who runs it.</p>
          <p>Request ${c.var.requestId}</p>
        </body>
      </html>`,
    404,
  );
}
