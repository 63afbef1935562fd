import { Alert, Anchor, Loader } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { Link, Navigate, useLocation, useSearchParams } from 'react-router';
import { returnPath } from '../../../../../contracts/tenants/return-path.ts';
import type { ApiError } from '../../../lib/api-client.ts';
import { paths } from '../../../lib/paths.ts';
import { useAuth } from '../auth-context.tsx';
import { SignInCard } from '../components/sign-in-card.tsx';

/** The page that a sign-in at an identity provider ends on. The ticket is the fragment of the address. */
export function CompleteSignInPage() {
  const { hash } = useLocation();
  const [query] = useSearchParams();
  const { completeSignIn } = useAuth();
  const { mutate, error, isSuccess } = useMutation<void, ApiError, string>({ mutationFn: completeSignIn });
  const used = useRef(false);
  const ticket = hash.slice(1);
  useEffect(() => {
    // A ticket works once, and effects can run twice.
    if (used.current) return;
    used.current = true;
    mutate(ticket);
  }, [mutate, ticket]);
  const returnTo = returnPath.safeParse(query.get('return_to')).data ?? paths.playground;
  if (isSuccess) return <Navigate to={returnTo} replace />;
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
