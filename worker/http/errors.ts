import type { TypedResponse } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { JSONParsed } from 'hono/utils/types';
import type { z } from 'zod';
import type { ErrorCode, ErrorResponse } from '../../contracts/errors.ts';
import type { BalanceRefusal } from '../../durable-objects/wallet/commands.ts';
import { DatabaseUnavailable } from '../db/client.ts';
import type { TenantBudget } from '../executions/failure.ts';
import { TooManyHashes } from '../identity/passwords/hashing-queue.ts';
import { ObjectsUnavailable } from '../objects/attempt.ts';
import type { RequestContext } from './app-env.ts';
import { issuesWithin, ruleOf } from './issues.ts';

/** The status and the default message of each code. */
const table = {
  invalid_request: [400, 'The request is not valid.'],
  invalid_json: [400, 'The body is not valid JSON.'],
  invalid_cursor: [400, 'The cursor is not valid for this list. Start again from the first page.'],
  body_too_large: [413, 'The body is too large.'],
  unsupported_media_type: [415, 'Send the body as application/json.'],
  not_found: [404, 'Not found.'],
  method_not_allowed: [405, 'This endpoint does not take this method.'],
  unknown_host: [404, 'There is no tenant at this hostname.'],
  tenant_suspended: [403, 'This tenant is suspended. Contact its administrator.'],
  unauthenticated: [
    401,
    'Authentication is required. Send a session token or an API key as Authorization: Bearer.',
  ],
  invalid_credentials: [401, 'The email or the password is incorrect.'],
  token_expired: [401, 'The session has expired. Sign in again.'],
  session_revoked: [401, 'The session has ended. Sign in again.'],
  user_disabled: [403, 'This account is disabled. Contact your administrator.'],
  api_key_revoked: [401, 'This API key was revoked. Create a new one.'],
  api_key_expired: [401, 'This API key has expired. Create a new one.'],
  wrong_tenant: [401, 'This token belongs to another tenant.'],
  forbidden: [403, 'Your role does not allow this.'],
  feature_not_in_level: [403, 'Your level does not offer this.'],
  self_made_changes_off: [
    403,
    'You cannot change your own wallet or policy in this tenant. Ask another administrator.',
  ],
  last_admin: [409, 'This is the last active administrator. Make someone else an administrator first.'],
  registration_closed: [403, 'Registration is closed for this tenant. Ask its administrator for an account.'],
  invitation_required: [403, 'Accounts need an invitation. Ask the administrator of this tenant for one.'],
  email_domain_refused: [
    403,
    'Accounts need an email address of a domain that this tenant allows. Use your work address, or ask its administrator.',
  ],
  email_taken: [409, 'An account with this email already exists. Sign in instead.'],
  invitation_invalid: [
    404,
    'This invitation is not valid: it was used or revoked, or has expired. Ask for a new one.',
  ],
  link_invalid: [404, 'This link is not valid: it was used or replaced, or has expired. Ask for a new one.'],
  last_way_to_sign_in: [409, 'This is your only way to sign in. Set a password first.'],
  account_closed: [409, 'The user closed this account. It cannot be used again.'],
  wrong_password: [403, 'The current password is incorrect.'],
  second_factor_required: [401, 'Enter a code of your authenticator app, or use a passkey.'],
  second_factor_setup_required: [401, 'This account needs two-step sign-in. Set it up to go on.'],
  ticket_invalid: [401, 'This sign-in has expired or was used already. Begin again.'],
  wrong_code: [401, 'The code is incorrect, or was used before.'],
  passkey_refused: [401, 'This passkey was not accepted. Try again, or sign in another way.'],
  factor_exists: [409, 'You have this already. Remove it first to set it up again.'],
  too_many_factors: [409, 'You have reached the limit of 20 passkeys. Remove one that you no longer need.'],
  last_factor: [409, 'Your tenant requires two-step sign-in. Add another way before you remove this one.'],
  second_factor_missing: [409, 'Set up two-step sign-in for your own account first.'],
  confirmation_required: [403, 'Confirm that it is you, and try again.'],
  mail_off: [503, 'This platform sends no mail. Ask your administrator.'],
  name_taken: [409, 'This name is already taken. Choose another name.'],
  too_many_api_keys: [409, 'You have reached the limit of 100 API keys. Revoke one that you no longer need.'],
  api_key_ended: [409, 'This API key was revoked or has expired. Create a new one.'],
  tenant_deleted: [409, 'This tenant was deleted and cannot change any more.'],
  custom_domains_off: [503, 'This platform offers no custom domains. Ask its owner to set them up.'],
  too_many_domains: [409, 'You have reached the limit of 20 domains. Remove one that you no longer need.'],
  too_many_webhooks: [409, 'You have reached the limit of 10 webhooks. Delete one that you no longer need.'],
  webhook_disabled: [409, 'This webhook is disabled. Enable it first.'],
  level_is_default: [409, 'New accounts get this level. Make another level the default first.'],
  level_archived: [409, 'This level is archived. Restore it first, or choose another level.'],
  too_many_levels: [409, 'You have reached the limit of 100 levels. Rename one that you no longer need.'],
  provider_key_required: [
    400,
    "Send the provider's API key as well. A saved key is only used with the base URL it was saved for.",
  ],
  provider_test_failed: [422, 'The test call to the provider failed. Nothing was saved.'],
  list_price_unchanged: [409, 'This model has no new list price to decide about.'],
  in_use: [409, 'This is in use and cannot be deleted. Disable it instead.'],
  rate_limited: [429, 'Too many requests. Wait a moment and try again.'],
  too_many_in_flight: [429, 'Too many executions are running at once. Wait for one to finish.'],
  insufficient_balance: [402, 'The balance is too low for this request.'],
  tokens_held: [429, 'Running executions hold the tokens for this request. Try again when one has ended.'],
  too_many_files: [
    409,
    'You have reached the limit of 1,000 files or 1 GiB. Delete files that you no longer need.',
  ],
  amount_out_of_range: [400, 'The amount is out of range.'],
  budget_below_leased: [409, 'The budget would be less than what running executions hold.'],
  budget_changed: [409, 'The budget was changed at the same time. Read it and try again.'],
  budget_not_prepaid: [
    409,
    'Only a prepaid budget has a balance to add to. Raise the monthly limit instead.',
  ],
  unknown_model: [404, 'There is no model with this name. List the models you can use with GET /v1/models.'],
  model_unpriced: [409, 'This model has no price yet and cannot be used. Contact your administrator.'],
  provider_rejected: [400, 'The provider refused this request.'],
  context_length_exceeded: [
    400,
    'The prompt and the output limit together exceed the context window of this model. Shorten the prompt, lower the output limit, or choose a model with a larger context window.',
  ],
  provider_failed: [503, 'No provider was able to answer. Nothing was charged. Try again shortly.'],
  execution_over: [409, 'This execution has already ended.'],
  not_in_background: [
    409,
    'This execution does not run in the background. Close the connection to cancel it.',
  ],
  conversations_off: [403, 'This tenant does not keep conversations. Kept ones can be read and deleted.'],
  too_many_conversations: [
    409,
    'You have reached the limit of 1,000 conversations. Delete one that you no longer need.',
  ],
  conversation_full: [409, 'This conversation has reached its largest size. Begin a new one.'],
  conversations_full: [
    409,
    'Your conversations together have reached 100 MiB. Delete one that you no longer need.',
  ],
  idempotency_in_progress: [
    409,
    'The first request with this Idempotency-Key is still running. Try again shortly.',
  ],
  idempotency_answer_gone: [
    409,
    'The request with this Idempotency-Key was completed and charged once. Its answer is no longer available: it was too long to store, or it was deleted.',
  ],
  idempotency_mismatch: [422, 'This Idempotency-Key was already used with a different request.'],
  ledger_outdated: [409, 'The wallet has changed since its ledger was read. Run the check again.'],
  nothing_to_repair: [409, 'The wallet and its ledger agree. There is nothing to repair.'],
  unavailable: [503, 'The service is temporarily unavailable. Nothing was lost. Try again shortly.'],
  internal: [500, 'Something went wrong on our side. Include the request id when you contact support.'],
} as const satisfies Record<ErrorCode, readonly [ContentfulStatusCode, string]>;

type Statuses = typeof table;

/** All codes with their status and message, for the API's document. */
export const errorCatalog = Object.entries(table).map(([code, [status, message]]) => ({
  code,
  status,
  message,
}));

export type ProblemOptions = {
  /** Replaces the default message. */
  message?: string;
  details?: Record<string, unknown>;
  retry_after_ms?: number | null;
};

/** The wait in Retry-After when its length is not known. */
const RETRY_AFTER_DEFAULT_MS = 5_000;

/** Builds an error response, for an answer or for the last event of a stream. */
export const errorOf = (c: RequestContext, code: ErrorCode, options: ProblemOptions = {}): ErrorResponse => ({
  error: {
    code,
    message: options.message ?? table[code][1],
    ...(options.details === undefined ? {} : { details: options.details }),
    request_id: c.var.requestId,
  },
});

/** Returns the HTTP status of a code. */
export const statusOf = (code: ErrorCode): number => table[code][0];

/** Errors that a retry does not resolve. OpenAI's and Anthropic's SDKs retry every 409 and 503. */
const lasting = new Set<ErrorCode>([
  'execution_over',
  'not_in_background',
  'idempotency_answer_gone',
  'model_unpriced',
  'too_many_files',
  'budget_below_leased',
  'budget_changed',
  'budget_not_prepaid',
  'custom_domains_off',
  'mail_off',
]);

/** An answer with one of the codes, each with its own status. A route's types hold it to the codes it names. */
type Problem<Code extends ErrorCode> = Code extends ErrorCode
  ? Response & TypedResponse<JSONParsed<ErrorResponse<Code>>, Statuses[Code][0], 'json'>
  : never;

/** Answers an error. The code decides the status; 503 and 429 always have Retry-After. */
export function problem<Code extends ErrorCode>(
  c: RequestContext,
  code: Code,
  options: ProblemOptions = {},
): Problem<Code> {
  const [status] = table[code];
  const retryAfterMs =
    options.retry_after_ms ?? (status === 503 || status === 429 ? RETRY_AFTER_DEFAULT_MS : null);
  if (retryAfterMs !== null) c.header('Retry-After', String(Math.max(1, Math.ceil(retryAfterMs / 1_000))));
  // A retry does not help here: official SDKs then do not try again by themselves.
  if (status === 402 || status === 422 || lasting.has(code)) c.header('x-should-retry', 'false');
  if (status === 401) c.header('WWW-Authenticate', 'Bearer');
  return c.json(errorOf(c, code, options), status) as Response as Problem<Code>;
}

/** Answers a slug that another tenant has. */
export const refuseTakenSlug = (c: RequestContext) =>
  problem(c, 'name_taken', {
    message: 'Another tenant has this slug, or had it within the last 30 days. Choose another one.',
    details: { field: 'slug', rule: 'taken' },
  });

/** Answers a request that does not match its schema. Names the fields and their rules, and never repeats a value. */
export function invalidRequest(c: RequestContext, error: z.core.$ZodError, where: string) {
  const whole = where === 'json' ? 'body' : where;
  const issues = issuesWithin(error.issues).map((issue) => {
    const unknown =
      issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 5).map((key) => key.slice(0, 60)) : [];
    return {
      field: [...issue.path, ...unknown].join('.').slice(0, 300) || whole,
      rule: ruleOf(issue),
      message: issue.message.slice(0, 300),
    };
  });
  const first = issues[0];
  return problem(c, 'invalid_request', {
    ...(first === undefined ? {} : { message: `${first.field}: ${first.message}` }),
    details: { in: where, issues },
  });
}

const limitNames: Record<BalanceRefusal['scope'], string> = {
  wallet: 'the wallet',
  api_key_month: "the API key's monthly budget",
  api_key_minute: "the API key's limit per minute",
};

const figuresOf = ({ ok: _ok, code: _code, resets_at_ms, ...figures }: BalanceRefusal) => ({
  ...figures,
  resets_at: resets_at_ms === null ? null : new Date(resets_at_ms).toISOString(),
});

/** Answers 402 with the limit, its scope, its use and the time it resets. For a tenant's budget only the scope is told. */
export function insufficientBalanceProblem(c: RequestContext, refusal: BalanceRefusal | TenantBudget) {
  if (refusal.scope === 'tenant')
    return problem(c, 'insufficient_balance', {
      message: 'The budget of this service does not cover the request. Contact its administrator.',
      details: refusal,
    });
  const { required, scope, available } = refusal;
  return problem(c, refusal.code, {
    message: `This request can cost up to ${required} wallet tokens. Available in ${limitNames[scope]}: ${available}.`,
    details: figuresOf(refusal),
  });
}

/** Executions end at any time: clients ask again after this time, in milliseconds. */
const TOKENS_HELD_WAIT_MS = 2_000;

/** Answers 429 with the tokens that running executions hold, and the same figures as 402. */
export function tokensHeldProblem(c: RequestContext, refusal: BalanceRefusal | TenantBudget) {
  if (refusal.scope === 'tenant')
    return problem(c, 'tokens_held', {
      message:
        'Running executions hold what is left of the budget of this service. Try again when one has ended.',
      details: refusal,
      retry_after_ms: TOKENS_HELD_WAIT_MS,
    });
  const { required, scope, available, reserved } = refusal;
  return problem(c, 'tokens_held', {
    message: `This request can cost up to ${required} wallet tokens. Running executions hold ${reserved} of ${limitNames[scope]}, and ${available} are free. Try again when one has ended.`,
    details: figuresOf(refusal),
    retry_after_ms: TOKENS_HELD_WAIT_MS,
  });
}

type Validated = { success: true } | { success: false; error: z.core.$ZodError; target: string };

/** Refuses requests that do not match a route's schema, before the handler runs. */
export function refuseInvalid(result: Validated, c: RequestContext) {
  if (!result.success) return invalidRequest(c, result.error, result.target);
}

const codeOfStatus: Partial<Record<number, ErrorCode>> = {
  400: 'invalid_json',
  413: 'body_too_large',
  415: 'unsupported_media_type',
};

/** Handles exceptions. Unknown ones are bugs: they are logged with the request id and answered without details. */
export function onError(error: Error, c: RequestContext) {
  if (error instanceof HTTPException) {
    const code = codeOfStatus[error.status] ?? 'invalid_request';
    return problem(c, code, { details: { field: 'body', rule: code } });
  }
  if (error instanceof DatabaseUnavailable) {
    c.var.log.error('database_unavailable', { error });
    return problem(c, 'unavailable', { details: { part: 'database' } });
  }
  if (error instanceof ObjectsUnavailable) {
    c.var.log.error('objects_unavailable', { error });
    return problem(c, 'unavailable', { details: { part: 'objects' } });
  }
  if (error instanceof TooManyHashes)
    return problem(c, 'unavailable', {
      message: 'Many people sign in at this moment. Try again in a few seconds.',
      details: { part: 'sign_in' },
      retry_after_ms: 2_000,
    });
  c.var.log.error('unhandled_error', { error });
  return problem(c, 'internal');
}
