import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { closeAccountRequest } from '../../../../contracts/api/account/account.ts';
import { accountExport } from '../../../../contracts/api/account/account-export.ts';
import { closeAccount } from '../../../identity/close-account.ts';
import { exportAccount } from '../../../identity/export-account.ts';
import type { SessionEnv } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { problem, refuseInvalid } from '../../errors.ts';
import { guessOwn } from '../../guessing.ts';
import { isLoginThrottled, loginThrottled } from '../../middleware/rate-limit.ts';
import { json, jsonBody, ofBody, problems, session } from '../../openapi/responses.ts';
import { tenantOrigin } from '../../tenant-origin.ts';

const tags = ['Identity'];

const exportOwn = createRoute({
  method: 'get',
  path: '/export',
  operationId: 'exportAccount',
  tags,
  summary: 'Export your account.',
  description:
    'Returns all that is kept of you as one JSON document: account, identities, sessions, API keys without secrets, executions, uploaded files without their contents, stored prompts and answers, ledger, and what you did. A document without its end was cut: ask again.',
  security: session,
  responses: { 200: json(accountExport, 'The document.'), ...problems() },
});

const close = createRoute({
  method: 'post',
  path: '/close',
  operationId: 'closeAccount',
  'x-confirm': true,
  tags,
  summary: 'Close your account.',
  description:
    'Asks for your password, or for your address if you have no password. Ends all sessions and API keys, and removes your name, address, identities, files, prompts and answers. What is left of the balance is lost. The ledger stays, without your name. Cannot be undone; the address can register again.',
  security: session,
  request: jsonBody(closeAccountRequest, { password: 'a long passphrase' }),
  responses: {
    204: { description: 'Closed.' },
    ...problems(...ofBody, 'confirmation_required', 'last_admin', 'wrong_password'),
  },
});

const OTHER_EMAIL = { field: 'email', rule: 'own', message: 'must be the address of your account' };

/** The end of the caller's account, and a copy of it. */
export const closingRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(exportOwn, async (c) => {
    if (await isLoginThrottled(c, `export/${c.var.claims.userId}`)) return loginThrottled(c);
    const exported = await exportAccount(dependenciesOf(c), c.var.claims);
    if (!exported.ok) return problem(c, exported.failure.code);
    c.header('content-disposition', 'attachment; filename="account.json"');
    c.header('content-type', 'application/json');
    // Written as it is read, so its type is the document's by description alone.
    return c.body(exported.value, 200) as never;
  })
  .openapi(close, async (c) => {
    if (await isLoginThrottled(c, c.var.claims.userId)) return loginThrottled(c);
    const request = c.req.valid('json');
    const made = await guessOwn(c, () =>
      closeAccount(dependenciesOf(c), c.var.claims, request, tenantOrigin(c.var)),
    );
    if (!made.ok) return made.answer;
    const closed = made.value;
    if (closed.ok) return c.body(null, 204);
    const { code } = closed.failure;
    if (code !== 'wrong_email') return problem(c, code);
    return problem(c, 'invalid_request', {
      message: `email: ${OTHER_EMAIL.message}`,
      details: { in: 'json', issues: [OTHER_EMAIL] },
    });
  });
