import {
  Alert,
  Button,
  Group,
  NativeSelect,
  PasswordInput,
  Switch,
  Textarea,
  TextInput,
} from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import type { SignInProvider, SignInProviderKind } from '../../../../../contracts/api/account/sign-in.ts';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { FormDrawer } from '../../../ui/form/form-drawer.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { addSignInProvider, changeSignInProvider, testIssuer } from '../api/sign-in-providers.ts';
import {
  draftOfSignInProvider,
  emptySignInProvider,
  readNewSignInProvider,
  readSignInProviderChange,
  type SignInProviderDraft,
  signInProviderFields,
  withKind,
} from '../sign-in-provider-draft.ts';
import { RedirectUri, redirectUriHere } from './redirect-uri.tsx';

const kinds = [
  { value: 'google', label: 'Google' },
  { value: 'oidc', label: 'OpenID Connect' },
];

type Form = UseFormReturnType<SignInProviderDraft>;

/** Reads the document of the typed issuer, and says what is wrong with it. */
function IssuerTest({ issuer }: { issuer: string }) {
  const { mutate, data, error, variables, isPending } = useMutation(testIssuer);
  const isCurrent = variables === issuer;
  return (
    <>
      <Group>
        <Button
          variant="default"
          size="xs"
          loading={isPending}
          disabled={!URL.canParse(issuer)}
          onClick={() => mutate(issuer)}
        >
          Test the issuer
        </Button>
      </Group>
      {isCurrent && error !== null && <ErrorAlert error={error} />}
      {isCurrent && data !== undefined && (
        <Alert
          role="status"
          color={data.ok ? 'brand' : 'red'}
          styles={{ title: { color: data.ok ? undefined : 'var(--mantine-color-error)' } }}
          title={data.ok ? 'The issuer answers' : data.message}
        >
          {data.ok ? `People sign in at ${new URL(data.authorization_endpoint).host}.` : null}
        </Alert>
      )}
    </>
  );
}

function Issuer({ form, isNew }: { form: Form; isNew: boolean }) {
  const { kind, issuer } = form.values;
  return (
    <>
      <NativeSelect
        label="Kind"
        description={isNew ? undefined : 'The kind and the issuer cannot be changed.'}
        data={kinds}
        disabled={!isNew}
        {...form.getInputProps('kind')}
        onChange={({ currentTarget }) =>
          form.setValues(withKind(form.values, currentTarget.value as SignInProviderKind))
        }
      />
      {kind === 'oidc' && (
        <TextInput
          type="url"
          label="Issuer"
          description="As the provider writes it, without /.well-known/openid-configuration."
          placeholder="https://login.example.com"
          maxLength={500}
          required
          disabled={!isNew}
          {...form.getInputProps('issuer')}
        />
      )}
      {kind === 'oidc' && <IssuerTest issuer={issuer.trim()} />}
    </>
  );
}

function Rules({ form }: { form: Form }) {
  return (
    <>
      <Textarea
        label="Email domains"
        description="Only people with an address of these can sign in. One domain per line. Empty: everyone whom the provider knows."
        placeholder="example.com"
        autosize
        minRows={2}
        maxRows={6}
        spellCheck={false}
        {...form.getInputProps('email_domains')}
      />
      <Switch
        label="Create accounts"
        description="Whoever signs in gets an account, also where registration is closed. Off: the rules of registration apply."
        {...form.getInputProps('creates_accounts', { type: 'checkbox' })}
      />
      {form.values.kind === 'oidc' && (
        <Switch
          label="Trust this issuer’s addresses"
          description="For issuers that do not say whether an address is verified. Whoever has an address there gets the account with that address here."
          {...form.getInputProps('trusts_addresses', { type: 'checkbox' })}
        />
      )}
      <Switch
        label="Enabled"
        description="Off: nobody can sign in with it."
        {...form.getInputProps('enabled', { type: 'checkbox' })}
      />
    </>
  );
}

function Fields({ form, provider }: { form: Form; provider: SignInProvider | null }) {
  return (
    <>
      <RedirectUri value={provider?.redirect_uri ?? redirectUriHere()} />
      <Issuer form={form} isNew={provider === null} />
      <TextInput
        label="Name"
        description="The sign-in page says: Continue with …"
        maxLength={60}
        required
        {...form.getInputProps('name')}
      />
      <TextInput
        label="Client ID"
        maxLength={500}
        required
        autoComplete="off"
        spellCheck={false}
        {...form.getInputProps('client_id')}
      />
      <PasswordInput
        label={provider === null ? 'Client secret' : 'Replace the client secret'}
        description={`${provider === null ? '' : 'Leave empty to keep the current one. '}It is stored encrypted and never shown again.`}
        required={provider === null}
        autoComplete="off"
        maxLength={1_000}
        {...form.getInputProps('client_secret')}
      />
      <Rules form={form} />
    </>
  );
}

type DrawerProps = { onClose: () => void; onDone: (provider: SignInProvider) => void };

/** Adds an identity provider. */
export function NewSignInProviderDrawer({ onClose, onDone }: DrawerProps) {
  const serverForm = useServerForm({
    initial: emptySignInProvider,
    fields: signInProviderFields,
    read: readNewSignInProvider,
    mutation: addSignInProvider,
    onClose,
    onDone,
  });
  return (
    <FormDrawer title="New identity provider" action="Test and add" serverForm={serverForm}>
      <Fields form={serverForm.form} provider={null} />
    </FormDrawer>
  );
}

/** Changes an identity provider: everything but its kind and issuer. */
export function EditSignInProviderDrawer({
  provider,
  onClose,
  onDone,
}: DrawerProps & { provider: SignInProvider }) {
  const serverForm = useServerForm({
    initial: draftOfSignInProvider(provider),
    fields: signInProviderFields,
    read: (draft: SignInProviderDraft) => readSignInProviderChange(provider, draft),
    mutation: changeSignInProvider(provider.id),
    onClose,
    onDone,
  });
  return (
    <FormDrawer title={provider.name} serverForm={serverForm}>
      <Fields form={serverForm.form} provider={provider} />
    </FormDrawer>
  );
}
