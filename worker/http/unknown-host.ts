import { html } from 'hono/html';
import type { RequestContext } from './app-env.ts';
import { problem } from './errors.ts';

/** Answers a hostname without a tenant: JSON for programs, a page for people. */
export function unknownHost(c: RequestContext, hostname: string) {
  if (!c.req.header('accept')?.includes('text/html'))
    return problem(c, 'unknown_host', { details: { hostname } });
  return c.html(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>There is no site at this address</title>
        </head>
        <body>
          <h1>There is no site at this address</h1>
          <p>There is no site at <strong>${hostname}</strong>. Check the address for typing mistakes.</p>
          <p>If this is your domain, its setup may not be finished. Ask your administrator.</p>
          <p>Request ${c.var.requestId}</p>
        </body>
      </html>`,
    404,
  );
}
