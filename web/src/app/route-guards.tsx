import { Center, Loader, Stack } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { Navigate, Outlet, useLocation } from 'react-router';
import { useAuth } from '../features/auth/auth-context.tsx';
import { paths } from '../lib/paths.ts';
import { ErrorAlert } from '../ui/error-alert.tsx';

/** Loaded when it is first needed. */
const SecondStepPage = lazy(async () => ({
  default: (await import('../features/auth/pages/second-step.tsx')).SecondStepPage,
}));

/** Shown while a page is loaded or the stored session is checked. */
export function Waiting() {
  const { failure, retry } = useAuth();
  return (
    <Center component="main" mih="100dvh" p="md">
      {failure === null ? (
        <Loader aria-label="Loading" />
      ) : (
        <Stack maw={440}>
          <ErrorAlert error={failure} onRetry={retry} />
        </Stack>
      )}
    </Center>
  );
}

/** Shows public pages, or the second step of a sign-in. A signed-in user is redirected to the page they came from. */
export function PublicRoute() {
  const { user, secondStep } = useAuth();
  const { state } = useLocation();
  if (user === undefined) return <Waiting />;
  if (user === null && secondStep !== null)
    return (
      <Suspense fallback={<Waiting />}>
        <SecondStepPage step={secondStep} />
      </Suspense>
    );
  if (user === null) return <Outlet />;
  const from: unknown = state?.from;
  return <Navigate to={typeof from === 'string' ? from : paths.home} replace />;
}
