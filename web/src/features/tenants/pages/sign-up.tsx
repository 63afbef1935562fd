import { Alert, Button, Loader, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { TenantSignupResponse } from '../../../../../contracts/api/platform/tenant-signups.ts';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { SignInCard } from '../../auth/components/sign-in-card.tsx';
import { useTurnstile } from '../../auth/components/turnstile-check.tsx';
import { signUpTenant, signupQuery } from '../api/tenants.ts';
import { emptySignup, readSignup, signupFields, slugOf } from '../tenant-drafts.ts';

function SignUpForm({ onDone }: { onDone: (signedUp: TenantSignupResponse) => void }) {
  const person = useTurnstile('tenant-signup');
  const { form, formRef, submit, isSending, error } = useServerForm({
    initial: emptySignup,
    fields: signupFields,
    read: readSignup,
    mutation: {
      mutationFn: (request: Parameters<typeof signUpTenant>[0]) =>
        signUpTenant({ ...request, ...person.body }),
      onError: person.reset,
    },
    onDone,
  });
  const { name, slug } = form.values;
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
          label="Name of your business"
          autoComplete="organization"
          maxLength={60}
          size="md"
          required
          {...form.getInputProps('name')}
          onChange={({ currentTarget }) => {
            form.setFieldValue('name', currentTarget.value);
            if (slug === slugOf(name)) form.setFieldValue('slug', slugOf(currentTarget.value));
          }}
        />
        <TextInput
          label="Address"
          description={`${slug === '' ? 'your-name' : slug}.${window.location.hostname}`}
          maxLength={40}
          size="md"
          required
          autoCapitalize="none"
          spellCheck={false}
          {...form.getInputProps('slug')}
        />
        <TextInput
          label="Your email"
          type="email"
          autoComplete="email"
          maxLength={254}
          size="md"
          required
          {...form.getInputProps('email')}
        />
        {person.field}
        <Button type="submit" fullWidth size="md" mt="xs" loading={isSending} disabled={person.isWaiting}>
          Sign up
        </Button>
      </Stack>
    </form>
  );
}

function SignedUp({ signedUp: { hostname, invitation_link } }: { signedUp: TenantSignupResponse }) {
  if (invitation_link === null)
    return (
      <SignInCard title="Thank you" subtitle={hostname}>
        <Alert title="We will get back to you">You receive a link when your sign-up has been reviewed.</Alert>
      </SignInCard>
    );
  return (
    <SignInCard title="Almost there" subtitle={hostname}>
      <Stack>
        <Text size="sm">
          Choose a password, and you are the first admin. Your email address is not verified.
        </Text>
        <Button component="a" href={invitation_link} size="md">
          Open {hostname}
        </Button>
      </Stack>
    </SignInCard>
  );
}

/** The page at which anybody signs up a tenant, if the platform allows it. */
export function SignUpPage() {
  const { data, error, refetch } = useQuery(signupQuery);
  const [signedUp, setSignedUp] = useState<TenantSignupResponse | null>(null);
  if (signedUp !== null) return <SignedUp signedUp={signedUp} />;
  const isOpen = data !== undefined && data.mode !== 'closed';
  if (isOpen)
    return (
      <SignInCard title="Sign up" subtitle="A place of your own, with your name and your users.">
        <SignUpForm onDone={setSignedUp} />
      </SignInCard>
    );
  const isElsewhere = error?.code === 'not_found';
  return (
    <SignInCard title="Sign up" subtitle="For businesses.">
      {data !== undefined || isElsewhere ? (
        <Alert title="Sign-ups are closed">Ask the owner of the platform.</Alert>
      ) : error === null ? (
        <Loader aria-label="Loading" />
      ) : (
        <ErrorAlert error={error} onRetry={refetch} />
      )}
    </SignInCard>
  );
}
