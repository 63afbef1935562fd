import { z } from 'zod';

/**
 * Every code an API answer can carry: one closed list. worker/http/errors.ts maps each to its HTTP status and a plain-language
 * message; the web app and the tests import the list instead of spelling codes.
 */
export const errorCodes = [
  // The request itself
  'invalid_request',
  'invalid_json',
  'invalid_cursor',
  'body_too_large',
  'unsupported_media_type',
  'not_found',
  // Who is asking
  'unknown_host',
  'tenant_suspended',
  'unauthenticated',
  'invalid_credentials',
  'token_expired',
  'session_revoked',
  'user_disabled',
  'api_key_revoked',
  'api_key_expired',
  'wrong_tenant',
  'forbidden',
  'registration_closed',
  'email_taken',
  'name_taken',
  'too_many_api_keys',
  'api_key_ended',
  // The catalog
  'provider_key_required',
  'provider_test_failed',
  'in_use',
  // Limits
  'rate_limited',
  'too_many_in_flight',
  'insufficient_balance',
  'amount_out_of_range',
  // Executions
  'unknown_model',
  'model_unpriced',
  'provider_rejected',
  'context_length_exceeded',
  'provider_failed',
  'execution_over',
  'not_in_background',
  // Repetition
  'idempotency_mismatch',
  'idempotency_in_progress',
  'idempotency_answer_gone',
  // Reconciliation
  'ledger_outdated',
  'nothing_to_repair',
  // Us
  'unavailable',
  'internal',
] as const;

/** One of the closed list above. */
export const errorCode = z.enum(errorCodes);
export type ErrorCode = z.infer<typeof errorCode>;

/** The one error shape of `/api`. `details` names the field and the rule, or the limit, its scope and when it resets. */
export const errorResponse = z.object({
  error: z
    .object({
      code: errorCode.describe('Which error: one of a closed list'),
      message: z.string().describe('What happened, and what to do'),
      details: z
        .record(z.string(), z.unknown())
        .optional()
        .describe('Names the field and the rule, or the limit, whose it is and when it resets'),
      request_id: z.string().describe('To be named when you ask for help'),
    })
    .describe('What went wrong'),
});
type ErrorBody = z.infer<typeof errorResponse>['error'];
/** One error; `Code` is which of the codes it may be. */
export type ErrorResponse<Code extends ErrorCode = ErrorCode> = {
  error: Omit<ErrorBody, 'code'> & { code: Code };
};
