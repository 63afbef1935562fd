import { Alert, Button, Divider, Stack } from '@mantine/core';
import { IconBrandGoogleFilled, IconId } from '@tabler/icons-react';
import { useLocation, useSearchParams } from 'react-router';
import { SIGN_IN_FAILURE_PARAM } from '../../../../../contracts/tenants/sign-in-failures.ts';
import { useTenant } from '../../../lib/tenant-context.tsx';
import { failureWords } from '../sign-in-failure-words.ts';

/** Says why a sign-in at an identity provider did not succeed. */
export function SignInFailureNotice() {
  const [query] = useSearchParams();
  const words = failureWords(query.get(SIGN_IN_FAILURE_PARAM));
  if (words === null) return null;
  return (
    <Alert color="yellow" role="alert" title={words.title}>
      {words.advice}
    </Alert>
  );
}

/** The buttons of the identity providers. Each leaves the page. */
export function IdentityProviders() {
  const { sign_in_providers } = useTenant();
  const { state } = useLocation();
  if (sign_in_providers.length === 0) return null;
  const from: unknown = state?.from;
  const query = typeof from === 'string' ? `?${new URLSearchParams({ return_to: from })}` : '';
  return (
    <Stack gap="sm">
      <Divider label="or" />
      {sign_in_providers.map(({ id, kind, name }) => (
        <Button
          key={id}
          component="a"
          href={`/api/auth/sign-in/${id}${query}`}
          variant="default"
          size="md"
          fullWidth
          leftSection={
            kind === 'google' ? (
              <IconBrandGoogleFilled size={18} aria-hidden />
            ) : (
              <IconId size={18} aria-hidden />
            )
          }
        >
          Continue with {name}
        </Button>
      ))}
    </Stack>
  );
}
