import { z } from 'zod';

/**
 * All error codes of the API. worker/http/errors.ts maps each to its HTTP status and its message; the web app and the tests import
 * the list instead of spelling codes.
 */
export const errorCodes = [
  // The request itself
  'invalid_request',
  'invalid_json',
  'invalid_cursor',
  'body_too_large',
  'unsupported_media_type',
  'not_found',
  'method_not_allowed',
  // Authentication and access
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
  'feature_not_in_level',
  'self_made_changes_off',
  'last_admin',
  'registration_closed',
  'invitation_required',
  'email_domain_refused',
  'email_taken',
  'invitation_invalid',
  'link_invalid',
  'last_way_to_sign_in',
  'account_closed',
  'wrong_password',
  'second_factor_required',
  'second_factor_setup_required',
  'ticket_invalid',
  'wrong_code',
  'passkey_refused',
  'factor_exists',
  'too_many_factors',
  'last_factor',
  'second_factor_missing',
  'confirmation_required',
  'mail_off',
  'name_taken',
  'too_many_api_keys',
  'api_key_ended',
  // Tenants
  'tenant_deleted',
  // Custom domains
  'custom_domains_off',
  'too_many_domains',
  // Webhooks
  'too_many_webhooks',
  'webhook_disabled',
  // Levels
  'level_is_default',
  'level_archived',
  'too_many_levels',
  // The catalog
  'provider_key_required',
  'provider_test_failed',
  'in_use',
  'list_price_unchanged',
  // Limits
  'rate_limited',
  'too_many_in_flight',
  'insufficient_balance',
  'tokens_held',
  'amount_out_of_range',
  'too_many_files',
  // Budgets of tenants
  'budget_below_leased',
  'budget_changed',
  'budget_not_prepaid',
  // Executions
  'unknown_model',
  'model_unpriced',
  'provider_rejected',
  'context_length_exceeded',
  'provider_failed',
  'execution_over',
  'not_in_background',
  // Conversations
  'conversations_off',
  'too_many_conversations',
  'conversation_full',
  'conversations_full',
  // Repetition
  'idempotency_mismatch',
  'idempotency_in_progress',
  'idempotency_answer_gone',
  // Reconciliation
  'ledger_outdated',
  'nothing_to_repair',
  // The platform
  'unavailable',
  'internal',
] as const;

/** One of the codes above. */
export const errorCode = z.enum(errorCodes).meta({ id: 'ErrorCode' });
export type ErrorCode = z.infer<typeof errorCode>;

/** The error response of `/api`. */
export const errorResponse = z
  .object({
    error: z
      .object({
        code: errorCode.describe('The error code, one of a closed list.'),
        message: z.string().describe('A sentence for people: the problem and how to fix it.'),
        details: z
          .record(z.string(), z.unknown())
          .optional()
          .describe('The field and its rule, or the limit with its scope and the time it resets.'),
        request_id: z.string().describe('The id of the request. Quote it when you ask for help.'),
      })
      .meta({ id: 'ApiError', description: 'The error.' }),
  })
  .meta({ id: 'ErrorResponse' });
type ErrorBody = z.infer<typeof errorResponse>['error'];
/** An error response with one of the codes in `Code`. */
export type ErrorResponse<Code extends ErrorCode = ErrorCode> = {
  error: Omit<ErrorBody, 'code'> & { code: Code };
};
