import { z } from 'zod';
import type { TurnstileAction } from '../../contracts/api/account/turnstile.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { type TurnstileSettings, turnstileSettings, turnstileUrl } from '../tenants/turnstile-settings.ts';
import type { FieldRefusal } from './field-refusal.ts';

/**
 * Turnstile: asks Cloudflare whether the token of a page's widget is genuine (developers.cloudflare.com/turnstile). In doubt a sign-up is
 * refused: a shield that opens when it is attacked protects nothing.
 */

const TIMEOUT_MS = 5_000;
const TRIES = 2;

/** The answer of `siteverify`. */
const verdict = z.object({
  success: z.boolean(),
  hostname: z.string().nullish(),
  action: z.string().nullish(),
  'error-codes': z.array(z.string()).default([]),
});
type Verdict = z.infer<typeof verdict>;

const refusal = (rule: string, message: string): FieldRefusal => ({
  code: 'field_refused',
  field: 'turnstile_token',
  rule,
  message,
});
const AGAIN = 'load the page again and repeat the check that you are a person';
const missing = refusal('required', 'is required: complete the check that you are a person');
const spent = refusal('used_or_expired', `was used before or is older than 5 minutes: ${AGAIN}`);
const invalid = refusal('invalid', `is not valid here: ${AGAIN}`);

/** A page of a hostname, and what its widget is for. */
export type TurnstilePlace = { action: TurnstileAction; hostname: string };
/** Cloudflare could not be asked, or did not know. */
export type TurnstileDown = { code: 'turnstile_down' };

/** Decides about a token by the answer. Cloudflare does not tell one that was used from one that is too old. Pure. */
export function judge(
  { success, hostname, action, 'error-codes': codes }: Verdict,
  place: TurnstilePlace,
): Result<null, FieldRefusal | TurnstileDown> {
  if (success) return hostname === place.hostname && action === place.action ? ok(null) : fail(invalid);
  if (codes.includes('timeout-or-duplicate')) return fail(spent);
  if (codes.some((code) => code.endsWith('-input-response'))) return fail(invalid);
  // The secret is wrong, or Cloudflare failed: not the sender's fault.
  return fail({ code: 'turnstile_down' });
}

type Question = { token: string; address: string; idempotency_key: string };

/** Asks once. Throws when there is no answer. */
async function ask(
  settings: TurnstileSettings,
  { token, address, idempotency_key }: Question,
): Promise<Verdict> {
  const body = { secret: settings.secret_key, response: token, remoteip: address, idempotency_key };
  const answer = await fetch(turnstileUrl(settings, 'siteverify'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  // Refused tokens are answered with a 4xx status or with 200, and the same body.
  const read = verdict.safeParse(await answer.json());
  if (!read.success || answer.status >= 500) throw new Error(`siteverify answered ${answer.status}`);
  if (read.data['error-codes'].includes('internal-error'))
    throw new Error('siteverify had an internal error');
  return read.data;
}

/**
 * Checks the token of somebody at `address`, where the platform has Turnstile. Without an answer it is asked once more under the same key, so
 * that a token which the first question used up is not taken for one that was used before.
 */
export async function checkTurnstile(
  { settings, log }: Pick<Dependencies, 'settings' | 'log'>,
  token: string | undefined,
  { address, ...place }: TurnstilePlace & { address: string },
): Promise<Result<null, FieldRefusal | TurnstileDown>> {
  const widget = turnstileSettings(settings);
  if (widget === null) return ok(null);
  if (token === undefined) return fail(missing);
  const question = { token, address, idempotency_key: crypto.randomUUID() };
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    try {
      const answer = await ask(widget, question);
      const judged = judge(answer, place);
      if (!judged.ok && judged.failure.code === 'turnstile_down')
        log.error('turnstile_refused_us', { codes: answer['error-codes'] });
      return judged;
    } catch (error) {
      log.warn('turnstile_not_asked', { attempt, error });
    }
  }
  return fail({ code: 'turnstile_down' });
}
