import { Paper, Switch, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { notify } from '../../../lib/notify.ts';
import { useTenant } from '../../../lib/tenant-context.tsx';
import { useAnswer } from '../../../lib/use-answer.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { ListLoading } from '../../../ui/list-loading.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { fetchTenantSettings, patchTenantSettings } from '../api/tenant-settings.ts';

type ContentsProps = { isKept: boolean; onChange: (isKept: boolean) => void };

/** Whether prompts and answers are kept. Both ways it is asked once: people rely on it. */
function Contents({ isKept, onChange }: ContentsProps) {
  const [isAsking, setAsking] = useState(false);
  return (
    <Paper withBorder p={{ base: 'md', sm: 'lg' }} component="section" aria-labelledby="contents">
      <Title order={2} id="contents">
        Prompts and answers
      </Title>
      <Text size="sm" c="dimmed" mt={4} mb="md" maw={640} id="contents-explained">
        Kept, each person finds theirs on the page of the execution, until they delete them. Nobody else can
        read them, admins included. What runs in the background is kept for a day in any case, so that its
        answer can be fetched.
      </Text>
      <Switch
        label="Keep prompts and answers"
        aria-describedby="contents-explained"
        checked={isKept}
        onChange={() => setAsking(true)}
      />
      {isAsking && (
        <ConfirmDialog
          title={isKept ? 'Stop keeping prompts and answers?' : 'Keep prompts and answers?'}
          action={isKept ? 'Stop keeping them' : 'Keep them'}
          mutation={{ mutationFn: () => patchTenantSettings({ stores_contents: !isKept }) }}
          onClose={() => setAsking(false)}
          onDone={({ stores_contents }) => {
            setAsking(false);
            onChange(stores_contents);
          }}
        >
          {isKept
            ? 'Nothing new is kept, for what begins within a minute. What is kept already stays until its person deletes it.'
            : 'Everything that begins within a minute is kept, of everybody here, streams included. Tell your people.'}
        </ConfirmDialog>
      )}
    </Paper>
  );
}

/** What admins decide for their tenant. */
export function SettingsPage() {
  const { branding } = useTenant();
  const { value, error, reload, replace } = useAnswer(fetchTenantSettings);
  return (
    <>
      <PageHeader title="Settings">What holds for everybody at {branding.name}.</PageHeader>
      {error !== null && <ErrorAlert error={error} onRetry={reload} />}
      {value === null && error === null && <ListLoading />}
      {value !== null && (
        <Contents
          isKept={value.stores_contents}
          onChange={(stores_contents) => {
            replace({ ...value, stores_contents });
            notify({
              color: 'brand',
              title: 'Saved',
              message: stores_contents ? 'Prompts and answers are kept.' : 'Nothing new is kept.',
            });
          }}
        />
      )}
    </>
  );
}
