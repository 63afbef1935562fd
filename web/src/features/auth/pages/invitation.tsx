import { Alert, Anchor, Button, Loader, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, Navigate, useLocation, useNavigate } from 'react-router';
import type {
  AcceptInvitationRequest,
  OpenInvitation,
} from '../../../../../contracts/api/account/invitations.ts';
import { paths } from '../../../lib/paths.ts';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { invitationQuery } from '../api/auth.ts';
import { useAuth } from '../auth-context.tsx';
import { SignInCard } from '../components/sign-in-card.tsx';
import { acceptanceFields, emptyAcceptance, PASSWORD_RULE, readAcceptance } from '../sign-in-drafts.ts';

const toLogin = (
  <Anchor component={Link} to={paths.login} underline="always" fw={550}>
    Sign in
  </Anchor>
);

type AcceptFormProps = { token: string; invitation: OpenInvitation; onSend: () => void };

function AcceptForm({ token, invitation, onSend }: AcceptFormProps) {
  const { accept } = useAuth();
  const { form, formRef, submit, isSending, error } = useServerForm({
    initial: emptyAcceptance,
    fields: acceptanceFields,
    read: (draft) => readAcceptance(token, draft),
    mutation: {
      mutationFn: (request: AcceptInvitationRequest) => {
        onSend();
        return accept(request);
      },
    },
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
          label="Email"
          type="email"
          autoComplete="username"
          size="md"
          readOnly
          value={invitation.email}
        />
        <TextInput
          label="Name"
          autoComplete="name"
          maxLength={100}
          size="md"
          {...form.getInputProps('name')}
        />
        <PasswordInput
          label="Password"
          description={`${PASSWORD_RULE}. A few words in a row work well.`}
          autoComplete="new-password"
          size="md"
          required
          {...form.getInputProps('password')}
        />
        <Button type="submit" fullWidth size="md" mt="xs" loading={isSending}>
          Create account
        </Button>
        <Text size="sm" ta="center">
          Already have an account? {toLogin}
        </Text>
      </Stack>
    </form>
  );
}

const subtitles = {
  user: 'Choose a password for your account.',
  admin: 'You will manage its users, models and settings.',
  superadmin: 'You will manage the platform and its tenants.',
};

/** The account that a link makes, or the reason for which it makes none. */
function Invited({ token, onSend }: Pick<AcceptFormProps, 'token' | 'onSend'>) {
  const { data: invitation, error, refetch } = useQuery(invitationQuery(token));
  if (invitation !== undefined)
    return (
      <SignInCard title={`Join ${invitation.tenant_name}`} subtitle={subtitles[invitation.role]}>
        <AcceptForm token={token} invitation={invitation} onSend={onSend} />
      </SignInCard>
    );
  const isEnded = error?.code === 'invitation_invalid' || error?.code === 'invalid_request';
  if (error !== null && isEnded)
    return (
      <SignInCard title="This link does not work" subtitle="An invitation works once, within 7 days.">
        <Stack>
          <Alert title="It was used or revoked, or has expired">Ask for a new one.</Alert>
          <Text size="sm">Already have an account? {toLogin}</Text>
        </Stack>
      </SignInCard>
    );
  return (
    <SignInCard title="Invitation" subtitle="One moment.">
      {error === null ? <Loader aria-label="Loading" /> : <ErrorAlert error={error} onRetry={refetch} />}
    </SignInCard>
  );
}

/** The page of an invitation's link. The token is the fragment of the address. */
export function InvitationPage() {
  const { user, logOut, secondStep } = useAuth();
  const { hash, state } = useLocation();
  const navigate = useNavigate();
  // Once the form was sent, whoever is signed in has accepted. Pages are mounted anew for another user, and the history keeps it.
  const onSend = () => navigate({ hash }, { replace: true, state: { isSent: true } });
  if (user === null && secondStep !== null) return <Navigate to={paths.login} replace />;
  if (user === null) return <Invited token={hash.slice(1)} onSend={onSend} />;
  if (state?.isSent === true && user !== undefined) return <Navigate to={paths.home} replace />;
  return (
    <SignInCard title="Invitation" subtitle="This invitation creates a new account.">
      {user === undefined ? (
        <Loader aria-label="Loading" />
      ) : (
        <Stack>
          <Alert title={`You are signed in as ${user.email}`}>Sign out to accept the invitation.</Alert>
          <Button onClick={() => logOut('here').catch(() => undefined)}>Sign out</Button>
          <Button variant="default" component={Link} to={paths.home}>
            Stay signed in
          </Button>
        </Stack>
      )}
    </SignInCard>
  );
}
