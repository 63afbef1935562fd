import { Anchor, Button, Stack, Text, TextInput } from '@mantine/core';
import { IconFingerprint } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import type { AuthResponse } from '../../../../../contracts/api/account/auth.ts';
import type { ApiError } from '../../../lib/api-client.ts';
import { knowsPasskeys } from '../../../lib/passkeys.ts';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { endSignIn, endSignInByPasskey } from '../api/second-step.ts';
import { useAuth } from '../auth-context.tsx';
import { SignInCard } from '../components/sign-in-card.tsx';
import type { SecondStep } from '../second-step.ts';
import { SetUpPage } from './set-up.tsx';

type Check = Extract<SecondStep, { use: 'check' }>;

function CodeForm({ ticket, methods }: Check) {
  const { begin } = useAuth();
  const hasApp = methods.includes('totp');
  const { form, formRef, submit, isSending, error } = useServerForm<
    { code: string },
    { ticket: string; code: string },
    AuthResponse,
    'code'
  >({
    initial: { code: '' },
    fields: ['code'],
    read: ({ code }) =>
      code.trim().length < 6
        ? { ok: false, errors: { code: 'Enter a code' } }
        : { ok: true, value: { ticket, code } },
    mutation: { mutationFn: endSignIn },
    onDone: begin,
  });
  return (
    <form
      ref={formRef}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack>
        {error !== null && <ErrorAlert error={error} />}
        <TextInput
          label="Code"
          description={
            hasApp
              ? 'The 6 digits in your authenticator app, or a recovery code.'
              : 'One of your recovery codes.'
          }
          autoComplete="one-time-code"
          autoFocus={!methods.includes('passkey')}
          size="md"
          {...form.getInputProps('code')}
        />
        <Button type="submit" fullWidth size="md" loading={isSending}>
          Sign in
        </Button>
      </Stack>
    </form>
  );
}

function PasskeyButton({ ticket }: Pick<Check, 'ticket'>) {
  const { begin } = useAuth();
  const { mutate, isPending, error } = useMutation<AuthResponse, ApiError, void>({
    mutationFn: () => endSignInByPasskey(ticket),
    onSuccess: begin,
  });
  return (
    <Stack>
      {error !== null && <ErrorAlert error={error} />}
      <Button
        size="md"
        variant="default"
        leftSection={<IconFingerprint size={18} aria-hidden />}
        loading={isPending}
        onClick={() => mutate()}
      >
        Use a passkey
      </Button>
    </Stack>
  );
}

/** The second step of a sign-in, in place of the sign-in page. */
export function SecondStepPage({ step }: { step: SecondStep }) {
  const { cancelSecondStep } = useAuth();
  if (step.use === 'setup') return <SetUpPage ticket={step.ticket} />;
  const { methods } = step;
  const takesCode = methods.includes('totp') || methods.includes('recovery_code');
  return (
    <SignInCard
      title="Second step"
      subtitle="Your password is correct. Enter your second step to finish signing in."
    >
      <Stack>
        {methods.includes('passkey') && knowsPasskeys() && <PasskeyButton ticket={step.ticket} />}
        {takesCode && <CodeForm {...step} />}
        {methods.length === 0 && (
          <Text size="sm">
            Your passkeys work at another address of this service. Sign in there, or ask your administrator.
          </Text>
        )}
        <Anchor component="button" type="button" size="sm" underline="always" onClick={cancelSecondStep}>
          Back to sign-in
        </Anchor>
      </Stack>
    </SignInCard>
  );
}
