/** Reasons why a sign-in at an identity provider did not succeed. The sign-in page has a sentence for each. */
export const signInFailures = [
  'not_available',
  'cancelled',
  'expired',
  'provider_unreachable',
  'provider_failed',
  'email_unproved',
  'email_domain_refused',
  'registration_closed',
  'invitation_required',
  'identity_conflict',
  'user_disabled',
  'too_many_attempts',
] as const;
export type SignInFailure = (typeof signInFailures)[number];

/** The parameter of the sign-in page that names the reason. */
export const SIGN_IN_FAILURE_PARAM = 'sign_in_failure';
