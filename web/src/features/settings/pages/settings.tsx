import { Paper, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { notify } from '../../../lib/notify.ts';
import { useTenant } from '../../../lib/tenant-context.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { ListLoading } from '../../../ui/list-loading.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { tenantSettingsQuery } from '../api/tenant-settings.ts';
import { SwitchSetting } from '../components/switch-setting.tsx';
import { TextSetting } from '../components/text-setting.tsx';
import { isSwitch, settingNames } from '../settings-form.ts';

const onDone = (message: string) => notify({ color: 'brand', title: 'Saved', message });

/** The settings that admins can change for their tenant. */
export function SettingsPage() {
  const { branding } = useTenant();
  const { data: settings, error, refetch } = useQuery(tenantSettingsQuery);
  return (
    <>
      <PageHeader title="Settings">Settings for everyone at {branding.name}.</PageHeader>
      {error !== null && <ErrorAlert error={error} onRetry={refetch} />}
      {settings === undefined && error === null && <ListLoading />}
      {settings !== undefined && (
        <Stack>
          {settingNames.map((name) => (
            <Paper key={name} withBorder p={{ base: 'md', sm: 'lg' }}>
              {isSwitch(name) ? (
                <SwitchSetting name={name} isOn={settings[name]} onDone={onDone} />
              ) : (
                <TextSetting name={name} value={settings[name]} onDone={onDone} />
              )}
            </Paper>
          ))}
        </Stack>
      )}
    </>
  );
}
