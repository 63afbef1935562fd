import { Alert, Loader } from '@mantine/core';
import { useEffect } from 'react';
import { useLocation } from 'react-router';
import { isActingToken, writeActingToken } from '../../../lib/acting-token.ts';
import { paths } from '../../../lib/paths.ts';
import { SignInCard } from '../components/sign-in-card.tsx';

/** The page of the link that opens a tenant for a superadmin. The token is the fragment of the address, which is replaced. */
export function ActingPage() {
  const { hash } = useLocation();
  const token = hash.slice(1);
  const isValid = isActingToken(token);
  useEffect(() => {
    if (!isValid) return;
    writeActingToken(token);
    window.location.replace(paths.users);
  }, [isValid, token]);
  return (
    <SignInCard title="Act inside this tenant" subtitle="For superadmins of the platform.">
      {isValid ? (
        <Loader aria-label="Loading" />
      ) : (
        <Alert title="This link does not work">Open the tenant again on the platform’s page.</Alert>
      )}
    </SignInCard>
  );
}
