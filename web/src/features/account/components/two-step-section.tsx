import { Badge, Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { AddedFactor, FactorList, TotpEnrolment } from '../../../../../contracts/api/account/factors.ts';
import { formatTimeShort } from '../../../lib/format.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { ListLoading } from '../../../ui/list-loading.tsx';
import tones from '../../../ui/tones.module.css';
import { TotpForm } from '../../../ui/totp-form.tsx';
import { beginTotp, confirmTotp, factorsQuery, makeRecoveryCodes, removeFactor } from '../api/factors.ts';
import { AccountSection } from './account-form.tsx';
import { CodesDialog } from './codes-dialog.tsx';

type Open =
  | { dialog: 'app'; enrolment: TotpEnrolment }
  | { dialog: 'remove'; id: string }
  | { dialog: 'codes' }
  | null;

/** The authenticator app: added, or the button that adds it. */
function App({ list, onOpen }: { list: FactorList; onOpen: (open: Open) => void }) {
  const begin = useMutation({
    ...beginTotp,
    onSuccess: (enrolment) => onOpen({ dialog: 'app', enrolment }),
  });
  const app = list.factors.find(({ kind }) => kind === 'totp');
  if (app !== undefined)
    return (
      <Group justify="space-between">
        <div>
          <Text fw={550}>Authenticator app</Text>
          <Text size="sm" c="dimmed">
            Added {formatTimeShort(app.created_at)}
          </Text>
        </div>
        <Button variant="default" size="xs" onClick={() => onOpen({ dialog: 'remove', id: app.id })}>
          Remove the app
        </Button>
      </Group>
    );
  return (
    <Stack align="start">
      {begin.error !== null && <ErrorAlert error={begin.error} />}
      <Button loading={begin.isPending} onClick={() => begin.mutate()}>
        Add an authenticator app
      </Button>
    </Stack>
  );
}

function Codes({ list, onOpen }: { list: FactorList; onOpen: (open: Open) => void }) {
  if (list.factors.length === 0) return null;
  const left = list.recovery_codes_left;
  return (
    <Group justify="space-between">
      <div>
        <Text fw={550}>Recovery codes</Text>
        <Text size="sm" c="dimmed">
          {left === 1 ? '1 code is left' : `${left} codes are left`}
        </Text>
      </div>
      <Button variant="default" size="xs" onClick={() => onOpen({ dialog: 'codes' })}>
        Make new codes
      </Button>
    </Group>
  );
}

/** Two-step sign-in: the authenticator app, and the recovery codes. */
export function TwoStepSection() {
  const client = useQueryClient();
  const { data: list, error } = useQuery(factorsQuery);
  const [open, setOpen] = useState<Open>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const close = () => setOpen(null);

  function added({ recovery_codes }: AddedFactor) {
    close();
    setCodes(recovery_codes);
    void client.invalidateQueries(factorsQuery);
  }

  return (
    <AccountSection
      title="Two-step sign-in"
      about="Sign-ins with your password ask for a code as well. Whoever learns your password still cannot sign in."
    >
      {error !== null && <ErrorAlert error={error} />}
      {list === undefined && error === null && <ListLoading />}
      {list !== undefined && (
        <Stack>
          <Badge className={tones[list.factors.length > 0 ? 'good' : 'warn']}>
            {list.factors.length > 0 ? 'On' : 'Off'}
          </Badge>
          <App list={list} onOpen={setOpen} />
          <Codes list={list} onOpen={setOpen} />
        </Stack>
      )}
      {open?.dialog === 'app' && (
        <Modal opened onClose={close} title="Add an authenticator app">
          <TotpForm enrolment={open.enrolment} confirm={confirmTotp} onDone={added} />
        </Modal>
      )}
      {open?.dialog === 'remove' && (
        <ConfirmDialog
          title="Remove the authenticator app?"
          action="Remove"
          isGrave
          mutation={removeFactor(open.id)}
          onClose={close}
          onDone={close}
        >
          Its codes stop working. Without another factor, your password alone signs in.
        </ConfirmDialog>
      )}
      {open?.dialog === 'codes' && (
        <ConfirmDialog
          title="Make new recovery codes?"
          action="Make new codes"
          mutation={makeRecoveryCodes}
          onClose={close}
          onDone={(answer) => {
            close();
            setCodes(answer.recovery_codes);
          }}
        >
          The codes that you have stop working.
        </ConfirmDialog>
      )}
      {codes !== null && <CodesDialog codes={codes} onClose={() => setCodes(null)} />}
    </AccountSection>
  );
}
