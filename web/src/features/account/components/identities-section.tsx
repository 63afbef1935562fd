import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import type { Identity } from '../../../../../contracts/api/account/sign-in.ts';
import { formatTimeShort } from '../../../lib/format.ts';
import { notify } from '../../../lib/notify.ts';
import { useTenant } from '../../../lib/tenant-context.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import tones from '../../../ui/tones.module.css';
import { unlinkIdentity, waysToSignInQuery } from '../api/account.ts';
import { AccountSection } from './account-form.tsx';

function IdentityRow({ identity: { provider, email, last_used_at } }: { identity: Identity }) {
  const { mutate, isPending, error } = useMutation(unlinkIdentity(provider.id));
  return (
    <li>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div>
          <Group gap="xs">
            <Text size="sm" fw={550}>
              {provider.name}
            </Text>
            {!provider.enabled && <Badge className={tones.plain}>Not available now</Badge>}
          </Group>
          <Text size="xs" c="dimmed">
            {email === null ? '' : `${email} · `}last used {formatTimeShort(last_used_at)}
          </Text>
        </div>
        <Button
          size="xs"
          variant="default"
          loading={isPending}
          aria-label={`Unlink ${provider.name}`}
          onClick={() =>
            mutate(undefined, {
              onSuccess: () =>
                notify({
                  color: 'brand',
                  title: 'Unlinked',
                  message: `${provider.name} no longer opens your account.`,
                }),
            })
          }
        >
          Unlink
        </Button>
      </Group>
      {error !== null && <ErrorAlert error={error} />}
    </li>
  );
}

/** The accounts at identity providers that open this one. Shown where the tenant has a provider, or the user an identity. */
export function IdentitiesSection() {
  const { sign_in_providers } = useTenant();
  const { data: ways } = useQuery(waysToSignInQuery);
  const identities = ways?.identities ?? [];
  if (identities.length === 0 && sign_in_providers.length === 0) return null;
  return (
    <AccountSection title="Linked accounts" about="Accounts elsewhere that you sign in with.">
      {identities.length === 0 ? (
        <Text size="sm">
          None. Sign in with one on the sign-in page to link it, with the same email address.
        </Text>
      ) : (
        <Stack component="ul" gap="sm" m={0} p={0} style={{ listStyle: 'none' }}>
          {identities.map((identity) => (
            <IdentityRow key={identity.provider.id} identity={identity} />
          ))}
        </Stack>
      )}
    </AccountSection>
  );
}
