import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { resendVerification } from '../api/account.ts';

/** Mails the link that verifies the address again. */
export function ResendButton() {
  const { mutate, isPending, isSuccess, error } = useMutation({ mutationFn: resendVerification });
  return (
    <>
      <Button variant="default" size="xs" loading={isPending} disabled={isSuccess} onClick={() => mutate()}>
        {isSuccess ? 'The link is on its way' : 'Send the link again'}
      </Button>
      {error !== null && <ErrorAlert error={error} />}
    </>
  );
}
