import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { askForVerification } from '../api/account-links.ts';

/** Mails the link that verifies an address again. Says the same whether there is an account. */
export function VerificationButton({ email }: { email: string }) {
  const { mutate, isPending, isSuccess, error } = useMutation({
    mutationFn: () => askForVerification({ email }),
  });
  return (
    <>
      <Button variant="default" loading={isPending} disabled={isSuccess} onClick={() => mutate()}>
        {isSuccess ? 'If the address waits for it, a link is on its way' : 'Send the link again'}
      </Button>
      {error !== null && <ErrorAlert error={error} />}
    </>
  );
}
