import { Button, Loader, Modal, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { IconFingerprint } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import type { ApiError } from '../../../lib/api-client.ts';
import { knowsPasskeys } from '../../../lib/passkeys.ts';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { confirmByPasskey, confirmSession, fetchConfirmWays } from '../api/confirmation.ts';

type FormProps = { isCode: boolean; onDone: () => void };

function ProofForm({ isCode, onDone }: FormProps) {
  const { form, formRef, submit, isSending, error } = useServerForm({
    initial: { proof: '' },
    fields: ['proof'],
    read: ({ proof }: { proof: string }) => {
      if (proof === '')
        return { ok: false, errors: { proof: isCode ? 'Enter a code' : 'Enter your password' } };
      return { ok: true, value: isCode ? { code: proof } : { password: proof } };
    },
    mutation: { mutationFn: confirmSession },
    onDone,
  });
  const Input = isCode ? TextInput : PasswordInput;
  return (
    <form
      ref={formRef}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        // The dialog may be a child of another form of the page.
        event.stopPropagation();
        submit();
      }}
    >
      <Stack>
        {error !== null && <ErrorAlert error={error} />}
        <Input
          label={isCode ? 'Code' : 'Your password'}
          description={isCode ? 'Of your authenticator app, or a recovery code' : null}
          autoComplete={isCode ? 'one-time-code' : 'current-password'}
          data-autofocus
          {...form.getInputProps('proof')}
        />
        <Button type="submit" loading={isSending}>
          Confirm
        </Button>
      </Stack>
    </form>
  );
}

function Ways({ onDone }: Pick<FormProps, 'onDone'>) {
  const { data: ways, isPending } = useQuery({
    queryKey: ['confirm-ways'],
    queryFn: fetchConfirmWays,
    gcTime: 0,
  });
  const passkey = useMutation<unknown, ApiError, void>({ mutationFn: confirmByPasskey, onSuccess: onDone });
  return (
    <Stack>
      <Text size="sm">Confirm that it is you to continue. You are not asked again for 15 minutes.</Text>
      {isPending ? <Loader size="sm" /> : <ProofForm isCode={ways?.hasFactor === true} onDone={onDone} />}
      {passkey.error !== null && <ErrorAlert error={passkey.error} />}
      {ways?.hasPasskey === true && knowsPasskeys() && (
        <Button
          variant="default"
          leftSection={<IconFingerprint size={18} aria-hidden />}
          loading={passkey.isPending}
          onClick={() => passkey.mutate()}
        >
          Use a passkey
        </Button>
      )}
    </Stack>
  );
}

type DialogProps = { isOpen: boolean; onAnswer: (isConfirmed: boolean) => void };

/** The dialog in which people confirm who they are. */
export function ConfirmSessionDialog({ isOpen, onAnswer }: DialogProps) {
  return (
    <Modal opened={isOpen} onClose={() => onAnswer(false)} title="Confirm that it is you" zIndex={400}>
      <Ways onDone={() => onAnswer(true)} />
    </Modal>
  );
}
