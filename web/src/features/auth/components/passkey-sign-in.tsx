import { Button, Stack } from '@mantine/core';
import { IconFingerprint } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import type { AuthResponse } from '../../../../../contracts/api/account/auth.ts';
import type { ApiError } from '../../../lib/api-client.ts';
import { knowsPasskeys } from '../../../lib/passkeys.ts';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { signInByPasskey } from '../api/second-step.ts';
import { useAuth } from '../auth-context.tsx';

/** Signs in by a passkey, without an address or a password. */
export function PasskeySignIn() {
  const { begin } = useAuth();
  const { mutate, isPending, error } = useMutation<AuthResponse, ApiError, void>({
    mutationFn: signInByPasskey,
    onSuccess: begin,
  });
  if (!knowsPasskeys()) return null;
  return (
    <Stack>
      {error !== null && <ErrorAlert error={error} />}
      <Button
        variant="default"
        fullWidth
        size="md"
        leftSection={<IconFingerprint size={18} aria-hidden />}
        loading={isPending}
        onClick={() => mutate()}
      >
        Use a passkey
      </Button>
    </Stack>
  );
}
