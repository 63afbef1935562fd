import { Button, Radio, Stack } from '@mantine/core';
import { IconDoorEnter } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { TenantSignupMode } from '../../../../../contracts/api/platform/tenant-signups.ts';
import { notify } from '../../../lib/notify.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { setSignups, signupQuery } from '../api/tenants.ts';

const choices: { value: TenantSignupMode; label: string; description: string }[] = [
  { value: 'closed', label: 'Closed', description: 'Only superadmins create tenants.' },
  {
    value: 'reviewed',
    label: 'Reviewed',
    description: 'Anybody can sign up. You look at the tenant and invite its admin.',
  },
  {
    value: 'unverified',
    label: 'Open, unverified',
    description: 'Anybody gets a tenant at once. Nobody checks the email address.',
  },
];

function SignupsDialog({ mode, onClose }: { mode: TenantSignupMode; onClose: () => void }) {
  const [chosen, setChosen] = useState(mode);
  const { mutateAsync } = useMutation(setSignups);
  return (
    <ConfirmDialog
      title="Sign-ups of tenants"
      action="Save"
      isDisabled={chosen === mode}
      mutation={{ mutationFn: () => mutateAsync({ mode: chosen }) }}
      onClose={onClose}
      onDone={() => {
        onClose();
        notify({ color: 'brand', title: 'Saved', message: 'The rule applies from now on.' });
      }}
    >
      <Radio.Group
        label="Who can create a tenant at this address?"
        value={chosen}
        onChange={(value) => setChosen(value as TenantSignupMode)}
      >
        <Stack gap={10} mt={8}>
          {choices.map((choice) => (
            <Radio key={choice.value} {...choice} />
          ))}
        </Stack>
      </Radio.Group>
    </ConfirmDialog>
  );
}

/** Shows the platform's rule for sign-ups, and changes it. */
export function SignupsButton() {
  const { data } = useQuery(signupQuery);
  const [isOpen, setOpen] = useState(false);
  const label = choices.find(({ value }) => value === data?.mode)?.label.toLowerCase() ?? '…';
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconDoorEnter size={17} aria-hidden />}
        onClick={() => setOpen(true)}
        disabled={data === undefined}
      >
        Sign-ups: {label}
      </Button>
      {isOpen && data !== undefined && <SignupsDialog mode={data.mode} onClose={() => setOpen(false)} />}
    </>
  );
}
