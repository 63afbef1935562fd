import { html, raw } from 'hono/html';
import type { RequestContext } from './app-env.ts';
import { problem } from './errors.ts';

/** The page's looks, for light and dark. It loads nothing: no file of ours is served at a hostname without a tenant. */
const STYLE = `
  :root { color-scheme: light dark; --text: #18181b; --quiet: #52525b; --line: #e4e4e7; --page: #fafafa; --card: #fff; }
  @media (prefers-color-scheme: dark) {
    :root { --text: #f4f4f5; --quiet: #a1a1aa; --line: #3f3f46; --page: #18181b; --card: #222225; }
  }
  * { box-sizing: border-box; }
  body { margin: 0; min-height: 100dvh; display: grid; place-items: center; padding: 1.5rem; background: var(--page);
    color: var(--text); font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; }
  main { width: 100%; max-width: 29rem; padding: 2.5rem 2rem; border: 1px solid var(--line); border-radius: 1rem; background: var(--card); }
  h1 { margin: 0 0 1rem; font-size: 1.375rem; line-height: 1.3; letter-spacing: -0.01em; }
  p { margin: 0 0 0.75rem; color: var(--quiet); }
  strong { color: var(--text); font-weight: 600; overflow-wrap: anywhere; }
  small { display: block; margin-top: 1.5rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--quiet);
    font-size: 0.8125rem; overflow-wrap: anywhere; }
`;

/** Answers a hostname without a tenant with 404: JSON for programs, a page for people. */
export function unknownHost(c: RequestContext, hostname: string) {
  if (!c.req.header('accept')?.includes('text/html'))
    return problem(c, 'unknown_host', { details: { hostname } });
  const nonce = crypto.getRandomValues(new Uint8Array(16)).toBase64();
  c.header(
    'content-security-policy',
    `default-src 'none'; style-src 'nonce-${nonce}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
  );
  return c.html(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="robots" content="noindex" />
          <title>There is no site at this address</title>
          <style nonce="${nonce}">
            ${raw(STYLE)}
          </style>
        </head>
        <body>
          <main>
            <h1>There is no site at this address</h1>
            <p>There is no site at <strong>${hostname}</strong>. Check the address for typing mistakes.</p>
            <p>Is this your domain? Its setup may not be finished. Ask your administrator.</p>
            <small>Request ${c.var.requestId}</small>
          </main>
        </body>
      </html>`,
    404,
  );
}
