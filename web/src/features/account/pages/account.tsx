import { Stack } from '@mantine/core';
import { PageHeader } from '../../../ui/page-header.tsx';
import { useUser } from '../../auth/auth-context.tsx';
import { ClosingSection, ExportSection } from '../components/closing-section.tsx';
import { EmailSection } from '../components/email-section.tsx';
import { IdentitiesSection } from '../components/identities-section.tsx';
import { PasskeySection } from '../components/passkey-section.tsx';
import { PasswordSection } from '../components/password-section.tsx';
import { ProfileSection } from '../components/profile-section.tsx';
import { SessionsSection } from '../components/sessions-section.tsx';
import { TwoStepSection } from '../components/two-step-section.tsx';

/** The own account: name, email, ways to sign in, second factors, sessions, its data and its end. */
export function AccountPage() {
  const { email } = useUser();
  return (
    <>
      <PageHeader title="Account">Signed in as {email}.</PageHeader>
      <Stack gap="md">
        <ProfileSection />
        <EmailSection />
        <PasswordSection />
        <TwoStepSection />
        <PasskeySection />
        <IdentitiesSection />
        <SessionsSection />
        <ExportSection />
        <ClosingSection />
      </Stack>
    </>
  );
}
