import type { TypedResponse } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { JSONParsed } from 'hono/utils/types';
import type { z } from 'zod';
import type { ErrorCode, ErrorResponse } from '../../contracts/errors.ts';
import type { BalanceRefusal } from '../../durable-objects/wallet/commands.ts';
import { DatabaseUnavailable } from '../db/client.ts';
import type { RequestContext } from './app-env.ts';
import { issuesWithin } from './issues.ts';

/** Each code's status, and what a person is told when the place that refuses has nothing better to say. */
const table = {
  invalid_request: [400, 'The request is not valid.'],
  invalid_json: [400, 'The body is not valid JSON.'],
  invalid_cursor: [400, 'The cursor is not one that this list gave. Start again from the first page.'],
  body_too_large: [413, 'The body is too large.'],
  unsupported_media_type: [415, 'Send the body as application/json.'],
  not_found: [404, 'There is nothing here by that name.'],
  unknown_host: [404, 'No tenant answers at this hostname.'],
  tenant_suspended: [403, 'This tenant is suspended. Contact its administrator.'],
  unauthenticated: [401, 'Sign in, and send the token as Authorization: Bearer, or an API key.'],
  invalid_credentials: [401, 'The email or the password is wrong.'],
  token_expired: [401, 'The session has expired. Sign in again.'],
  session_revoked: [401, 'The session was signed out. Sign in again.'],
  user_disabled: [403, 'This account is disabled. Contact your administrator.'],
  api_key_revoked: [401, 'This API key was revoked. Make a new one.'],
  api_key_expired: [401, 'This API key has expired. Make a new one.'],
  wrong_tenant: [401, 'This token belongs to another tenant.'],
  forbidden: [403, 'Your role does not allow this.'],
  registration_closed: [
    403,
    'This tenant does not take registrations. Ask its administrator for an account.',
  ],
  email_taken: [409, 'There is an account with this email already. Sign in instead.'],
  name_taken: [409, 'There is one of this name already. Choose another name.'],
  too_many_api_keys: [409, 'A user has at most 100 API keys. Revoke one that is no longer needed.'],
  api_key_ended: [409, 'This API key has ended: it was revoked or has expired. Make a new one.'],
  provider_key_required: [
    400,
    "Send the provider's key as well: a key is bound to the base URL it was given for, and nobody can read it back.",
  ],
  provider_test_failed: [422, 'The provider did not answer the test call, so nothing was saved.'],
  in_use: [409, 'It is in use, so it cannot be deleted. Disable it instead.'],
  rate_limited: [429, 'Too many requests. Wait a moment and try again.'],
  too_many_in_flight: [429, 'Too many executions are running at once. Wait for one to finish.'],
  insufficient_balance: [402, 'The wallet cannot cover what this could cost.'],
  amount_out_of_range: [400, 'The amount is out of range.'],
  unknown_model: [404, 'There is no model of that name. GET /v1/models lists those you may use.'],
  model_unpriced: [409, 'This model has no price yet, so it cannot be used. Contact your administrator.'],
  provider_rejected: [400, 'The provider refused this request.'],
  context_length_exceeded: [
    400,
    'The prompt, with the output it asks for, is longer than this model takes. Shorten it, lower the limit of the output, or choose a model with a larger context window.',
  ],
  provider_failed: [503, 'No provider could answer. Nothing was charged. Try again shortly.'],
  execution_over: [409, 'This execution is over.'],
  not_in_background: [409, 'This execution does not run in the background. Hang up to end it.'],
  idempotency_in_progress: [
    409,
    'The first request with this Idempotency-Key is still running. Try again shortly.',
  ],
  idempotency_answer_gone: [
    409,
    'The request with this Idempotency-Key was done and charged once; its answer is not kept: it was too long, or deleted.',
  ],
  idempotency_mismatch: [422, 'This Idempotency-Key was used with another request.'],
  ledger_outdated: [409, 'The wallet has moved on since its ledger was read. Run the reconciliation again.'],
  nothing_to_repair: [409, 'The wallet and its ledger agree: there is nothing to repair.'],
  unavailable: [503, 'A part of the platform is not reachable. Nothing was lost. Try again shortly.'],
  internal: [500, 'Something went wrong on our side. Quote the request id when you report it.'],
} as const satisfies Record<ErrorCode, readonly [ContentfulStatusCode, string]>;

type Statuses = typeof table;

/** Every code with its status and what a person is told, for the API's own description. */
export const errorCatalog = Object.entries(table).map(([code, [status, message]]) => ({
  code,
  status,
  message,
}));

export type ProblemOptions = {
  /** Replaces the table's sentence. */
  message?: string;
  details?: Record<string, unknown>;
  retry_after_ms?: number | null;
};

/** Waiting this long is worth a try when nothing tells how long the trouble lasts. */
const RETRY_AFTER_DEFAULT_MS = 5_000;

/** An error in the one shape it has, wherever it travels: as an answer, or as the last event of a stream. */
export const errorOf = (c: RequestContext, code: ErrorCode, options: ProblemOptions = {}): ErrorResponse => ({
  error: {
    code,
    message: options.message ?? table[code][1],
    ...(options.details === undefined ? {} : { details: options.details }),
    request_id: c.var.requestId,
  },
});

/** The HTTP status of a code. */
export const statusOf = (code: ErrorCode): number => table[code][0];

/** Conflicts that stay: OpenAI's and Anthropic's SDKs would try every 409 again. */
const lasting = new Set<ErrorCode>([
  'execution_over',
  'not_in_background',
  'idempotency_answer_gone',
  'model_unpriced',
]);

/** An answer of one code or the other, each with its own status: a route's types hold it to the codes it names. */
type Problem<Code extends ErrorCode> = Code extends ErrorCode
  ? Response & TypedResponse<JSONParsed<ErrorResponse<Code>>, Statuses[Code][0], 'json'>
  : never;

/** The one way to answer an error: the code decides the status; 503 and 429 always say when to come back. */
export function problem<Code extends ErrorCode>(
  c: RequestContext,
  code: Code,
  options: ProblemOptions = {},
): Problem<Code> {
  const [status] = table[code];
  const retryAfterMs =
    options.retry_after_ms ?? (status === 503 || status === 429 ? RETRY_AFTER_DEFAULT_MS : null);
  if (retryAfterMs !== null) c.header('Retry-After', String(Math.max(1, Math.ceil(retryAfterMs / 1_000))));
  // What no waiting heals: official SDKs then do not try again by themselves.
  if (status === 402 || status === 422 || lasting.has(code)) c.header('x-should-retry', 'false');
  if (status === 401) c.header('WWW-Authenticate', 'Bearer');
  return c.json(errorOf(c, code, options), status) as Response as Problem<Code>;
}

/** So many issues are told of one request. */
const ISSUES_MAX = 20;

/** A request that broke its schema: names every field and the rule it broke, and never repeats the value. */
export function invalidRequest(c: RequestContext, error: z.core.$ZodError, where: string) {
  const whole = where === 'json' ? 'body' : where;
  const issues = issuesWithin(error.issues)
    .slice(0, ISSUES_MAX)
    .map((issue) => {
      const unknown =
        issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 5).map((key) => key.slice(0, 60)) : [];
      return {
        field: [...issue.path, ...unknown].join('.') || whole,
        rule: issue.code,
        message: issue.message.slice(0, 300),
      };
    });
  const first = issues[0];
  return problem(c, 'invalid_request', {
    ...(first === undefined ? {} : { message: `${first.field}: ${first.message}` }),
    details: { in: where, issues },
  });
}

const havers: Record<BalanceRefusal['scope'], string> = {
  wallet: 'the wallet has',
  api_key_month: "the API key's monthly budget has",
  api_key_minute: 'a minute of the API key has',
};

/** 402, with everything that explains it: whose limit, how large, how much is used, when it resets. */
export function insufficientBalance(c: RequestContext, refusal: BalanceRefusal) {
  const { ok: _ok, code, resets_at_ms, ...figures } = refusal;
  const resets_at = resets_at_ms === null ? null : new Date(resets_at_ms).toISOString();
  return problem(c, code, {
    message: `This could cost ${figures.required} tokens and ${havers[figures.scope]} ${figures.available} available.`,
    details: { ...figures, resets_at },
  });
}

type Validated = { success: true } | { success: false; error: z.core.$ZodError; target: string };

/** The hook of every route: a request that breaks its schema is refused before the handler runs. */
export function refuseInvalid(result: Validated, c: RequestContext) {
  if (!result.success) return invalidRequest(c, result.error, result.target);
}

const codeOfStatus: Partial<Record<number, ErrorCode>> = {
  400: 'invalid_json',
  413: 'body_too_large',
  415: 'unsupported_media_type',
};

/** The one handler of exceptions. What is not known is a bug: logged with the request id, answered without detail. */
export function onError(error: Error, c: RequestContext) {
  if (error instanceof HTTPException) {
    const code = codeOfStatus[error.status] ?? 'invalid_request';
    return problem(c, code, { details: { field: 'body', rule: code } });
  }
  if (error instanceof DatabaseUnavailable) {
    c.var.log.error('database_unavailable', { error });
    return problem(c, 'unavailable', { details: { part: 'database' } });
  }
  c.var.log.error('unhandled_error', { error });
  return problem(c, 'internal');
}
