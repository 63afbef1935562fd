import { Anchor, Button, Stack } from '@mantine/core';
import { IconDeviceMobile, IconFingerprint } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { SetUpResponse, TotpEnrolment } from '../../../../../contracts/api/account/factors.ts';
import type { ApiError } from '../../../lib/api-client.ts';
import { knowsPasskeys } from '../../../lib/passkeys.ts';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { RecoveryCodes } from '../../../ui/recovery-codes.tsx';
import { TotpForm } from '../../../ui/totp-form.tsx';
import { beginTotp, confirmTotp, setUpPasskey } from '../api/second-step.ts';
import { useAuth } from '../auth-context.tsx';
import { SignInCard } from '../components/sign-in-card.tsx';

type WaysProps = {
  ticket: string;
  onEnrolment: (enrolment: TotpEnrolment) => void;
  onDone: (answer: SetUpResponse) => void;
};

function Ways({ ticket, onEnrolment, onDone }: WaysProps) {
  const app = useMutation<TotpEnrolment, ApiError, void>({
    mutationFn: () => beginTotp(ticket),
    onSuccess: onEnrolment,
  });
  const passkey = useMutation<SetUpResponse, ApiError, void>({
    mutationFn: () => setUpPasskey(ticket, 'First passkey'),
    onSuccess: onDone,
  });
  const error = app.error ?? passkey.error;
  return (
    <Stack>
      {error !== null && <ErrorAlert error={error} />}
      {knowsPasskeys() && (
        <Button
          size="md"
          leftSection={<IconFingerprint size={18} aria-hidden />}
          loading={passkey.isPending}
          onClick={() => passkey.mutate()}
        >
          Make a passkey
        </Button>
      )}
      <Button
        size="md"
        variant="default"
        leftSection={<IconDeviceMobile size={18} aria-hidden />}
        loading={app.isPending}
        onClick={() => app.mutate()}
      >
        Use an authenticator app
      </Button>
    </Stack>
  );
}

/** Sets up a second factor before the first session of somebody who needs one. The session begins when the codes are kept. */
export function SetUpPage({ ticket }: { ticket: string }) {
  const { begin, cancelSecondStep } = useAuth();
  const [enrolment, setEnrolment] = useState<TotpEnrolment | null>(null);
  const [done, setDone] = useState<SetUpResponse | null>(null);
  if (done !== null)
    return (
      <SignInCard title="Recovery codes" subtitle="Your second step is set up.">
        <RecoveryCodes codes={done.recovery_codes} onDone={() => begin(done)} />
      </SignInCard>
    );
  return (
    <SignInCard
      title="Set up two-step sign-in"
      subtitle="This service asks for a second step beside the password."
    >
      <Stack>
        {enrolment === null ? (
          <Ways ticket={ticket} onEnrolment={setEnrolment} onDone={setDone} />
        ) : (
          <TotpForm
            enrolment={enrolment}
            confirm={(request) => confirmTotp({ ticket, ...request })}
            onDone={setDone}
          />
        )}
        <Anchor component="button" type="button" size="sm" underline="always" onClick={cancelSecondStep}>
          Back to sign-in
        </Anchor>
      </Stack>
    </SignInCard>
  );
}
