import { Button, Paper, Stack, Text, TextInput } from '@mantine/core';
import { QRCodeSVG } from 'qrcode.react';
import type { TotpEnrolment } from '../../../contracts/api/account/factors.ts';
import { confirmTotpRequest } from '../../../contracts/api/account/factors.ts';
import type { ApiError } from '../lib/api-client.ts';
import { type FormRead, readForm } from '../lib/form-errors.ts';
import { Copyable } from './copyable.tsx';
import { ErrorAlert } from './error-alert.tsx';
import { useServerForm } from './form/use-server-form.ts';

type Confirmation = { enrolment: string; code: string };
type TotpFormProps<Answer> = {
  enrolment: TotpEnrolment;
  confirm: (request: Confirmation) => Promise<Answer>;
  onDone: (answer: Answer) => void;
};

/** The QR code for an authenticator app, and the first code of the app. */
export function TotpForm<Answer>({ enrolment, confirm, onDone }: TotpFormProps<Answer>) {
  const { form, formRef, submit, isSending, error } = useServerForm<
    { code: string },
    Confirmation,
    Answer,
    'code'
  >({
    initial: { code: '' },
    fields: ['code'],
    read: ({ code }): FormRead<Confirmation, 'code'> =>
      readForm(
        confirmTotpRequest,
        { enrolment: enrolment.enrolment, code },
        { code: 'Enter the 6 digits that the app shows' },
      ),
    mutation: { mutationFn: confirm } as { mutationFn: (request: Confirmation) => Promise<Answer> } & {
      onError?: (error: ApiError) => void;
    },
    onDone,
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
        <Text size="sm">Scan this with your authenticator app, then enter the code that it shows.</Text>
        {/* A QR code is dark on white, also in dark mode: not every camera reads the other. */}
        <Paper p="md" bg="white" w="fit-content" withBorder>
          <QRCodeSVG value={enrolment.uri} size={180} title="QR code for your authenticator app" />
        </Paper>
        <div>
          <Text size="sm">If you cannot scan it, type this:</Text>
          <Copyable value={enrolment.secret} label="Copy the secret" />
        </div>
        {error !== null && <ErrorAlert error={error} />}
        <TextInput
          label="Code"
          inputMode="numeric"
          autoComplete="one-time-code"
          size="md"
          maxLength={9}
          data-autofocus
          {...form.getInputProps('code')}
        />
        <Button type="submit" loading={isSending}>
          Confirm the code
        </Button>
      </Stack>
    </form>
  );
}
