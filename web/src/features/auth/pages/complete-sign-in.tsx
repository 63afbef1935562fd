import { Alert, Anchor, Loader } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Link, Navigate, useLocation, useSearchParams } from 'react-router';
import { returnPath } from '../../../../../contracts/tenants/return-path.ts';
import type { ApiError } from '../../../lib/api-client.ts';
import { paths } from '../../../lib/paths.ts';
import { useAuth } from '../auth-context.tsx';
import { SignInCard } from '../components/sign-in-card.tsx';

/** The ticket that was used last. The whole app is drawn anew once somebody is signed in, and effects can run twice. */
let usedTicket: string | null = null;

/** The page that a sign-in at an identity provider ends on. The ticket is the fragment of the address. */
export function CompleteSignInPage() {
  const { hash } = useLocation();
  const [query] = useSearchParams();
  const { user, completeSignIn, secondStep } = useAuth();
  const { mutate, error } = useMutation<void, ApiError, string>({ mutationFn: completeSignIn });
  const ticket = hash.slice(1);
  useEffect(() => {
    if (usedTicket === ticket) return;
    usedTicket = ticket;
    mutate(ticket);
  }, [mutate, ticket]);
  const returnTo = returnPath.safeParse(query.get('return_to')).data ?? paths.home;
  const isDone = usedTicket === ticket && error === null && user !== null && user !== undefined;
  if (user === null && secondStep !== null)
    return <Navigate to={paths.login} state={{ from: returnTo }} replace />;
  if (isDone) return <Navigate to={returnTo} replace />;
  return (
    <SignInCard title="Signing in" subtitle="One moment.">
      {error === null ? (
        <Loader aria-label="Loading" />
      ) : (
        <Alert
          role="alert"
          color="yellow"
          title={error.code === 'invalid_request' ? 'This address is not complete' : error.message}
        >
          <Anchor component={Link} to={paths.login} underline="always" fw={550}>
            Go to the sign-in page
          </Anchor>
        </Alert>
      )}
    </SignInCard>
  );
}
