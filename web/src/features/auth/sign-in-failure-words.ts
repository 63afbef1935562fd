import { type SignInFailure, signInFailures } from '../../../../contracts/tenants/sign-in-failures.ts';

/** The words of the sign-in page for a sign-in at an identity provider that did not succeed. Pure. */
const words: Record<SignInFailure, { title: string; advice: string }> = {
  not_available: { title: 'This way to sign in is not available', advice: 'Choose another one.' },
  cancelled: { title: 'You did not sign in', advice: 'Try again, or choose another way.' },
  expired: {
    title: 'The sign-in took too long, or began in another browser',
    advice: 'Start again here.',
  },
  provider_unreachable: {
    title: 'The identity provider cannot be reached',
    advice: 'Try again shortly, or choose another way.',
  },
  provider_failed: {
    title: 'The identity provider gave an answer that cannot be used',
    advice: 'Try again. If it happens again, tell your administrator.',
  },
  email_unproved: {
    title: 'The identity provider does not say that your email address is verified',
    advice: 'Verify it there, or sign in with a password.',
  },
  email_domain_refused: {
    title: 'Accounts here need an email address of another domain',
    advice: 'Use your work address, or ask your administrator.',
  },
  registration_closed: {
    title: 'There is no account with this email address',
    advice: 'Ask your administrator for one.',
  },
  invitation_required: {
    title: 'There is no account with this email address',
    advice: 'Ask your administrator for an invitation.',
  },
  identity_conflict: {
    title: 'The account with this email address belongs to another identity',
    advice: 'Sign in as you did before, or ask your administrator.',
  },
  user_disabled: { title: 'This account is disabled', advice: 'Contact your administrator.' },
  too_many_attempts: { title: 'Too many attempts to sign in', advice: 'Wait a minute and try again.' },
};

/** Returns the words for a reason, or null if it is none. */
export const failureWords = (reason: string | null) =>
  signInFailures.includes(reason as SignInFailure) ? words[reason as SignInFailure] : null;
