import { Code, Group, Input } from '@mantine/core';
import { CopyIcon } from '../../../ui/copyable.tsx';

/** The redirect URI of this hostname, to be copied to the issuer. */
export function RedirectUri({ value }: { value: string }) {
  return (
    <Input.Wrapper
      label="Redirect URI"
      labelElement="div"
      description="Register it at the provider. Each hostname of yours has its own."
    >
      <Group gap={4} wrap="nowrap" mt={4}>
        <Code style={{ overflowWrap: 'anywhere' }}>{value}</Code>
        <CopyIcon value={value} label="Copy the redirect URI" />
      </Group>
    </Input.Wrapper>
  );
}

/** Returns the redirect URI of this hostname (worker/http/redirect-uri.ts). */
export const redirectUriHere = (): string => `${window.location.origin}/api/auth/sign-in/callback`;
