import { Alert, Anchor, Button, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link, useLocation } from 'react-router';
import type { AccountTokenRequest } from '../../../../../contracts/api/account/account.ts';
import type { ApiError } from '../../../lib/api-client.ts';
import { paths } from '../../../lib/paths.ts';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { confirmEmail, verifyEmail } from '../api/account-links.ts';
import { useAuth } from '../auth-context.tsx';
import { DeadLink } from '../components/dead-link.tsx';
import { SignInCard } from '../components/sign-in-card.tsx';

type ConfirmLinkProps = {
  title: string;
  subtitle: string;
  action: string;
  confirm: (request: AccountTokenRequest) => Promise<{ email: string }>;
  /** Says what is so now. */
  done: (email: string) => string;
};

/**
 * The page of a link that confirms an address. The token is the fragment of the address. It is used with a click, because programs that
 * check mails open their links.
 */
function ConfirmLink({ title, subtitle, action, confirm, done }: ConfirmLinkProps) {
  const { hash } = useLocation();
  const { user, retry } = useAuth();
  const { mutate, data, error, isPending } = useMutation<{ email: string }, ApiError>({
    mutationFn: () => confirm({ token: hash.slice(1) }),
    onSuccess: retry,
  });
  const isDead = error?.code === 'link_invalid' || error?.code === 'invalid_request';
  const isSignedIn = user !== null && user !== undefined;
  return (
    <SignInCard title={title} subtitle={subtitle}>
      <Stack>
        {data !== undefined && (
          <Alert color="brand" role="status" title={done(data.email)}>
            {isSignedIn ? 'You can close this page.' : 'Sign in to go on.'}
          </Alert>
        )}
        {isDead && (
          <DeadLink>
            <Anchor
              component={Link}
              to={isSignedIn ? paths.account : paths.login}
              underline="always"
              fw={550}
            >
              {isSignedIn ? 'Open your account' : 'Sign in'}
            </Anchor>{' '}
            to get a new one.
          </DeadLink>
        )}
        {error !== null && !isDead && <ErrorAlert error={error} />}
        {data === undefined && !isDead && (
          <Button size="md" loading={isPending} onClick={() => mutate()}>
            {action}
          </Button>
        )}
        {data !== undefined && (
          <Button component={Link} to={isSignedIn ? paths.home : paths.login}>
            {isSignedIn ? 'Continue' : 'Sign in'}
          </Button>
        )}
      </Stack>
    </SignInCard>
  );
}

/** Verifies the address of an account. */
export const VerifyEmailPage = () => (
  <ConfirmLink
    title="Verify your email address"
    subtitle="One click, and your account is ready."
    action="Verify email address"
    confirm={verifyEmail}
    done={(email) => `${email} is verified`}
  />
);

/** Gives an account a new address. */
export const ChangeEmailPage = () => (
  <ConfirmLink
    title="Confirm your new email address"
    subtitle="From then on you sign in with it."
    action="Confirm email address"
    confirm={confirmEmail}
    done={(email) => `Your account has the address ${email} now`}
  />
);
