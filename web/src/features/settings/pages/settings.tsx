import { Paper, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';
import type { TenantSettings } from '../../../../../contracts/api/tenant/tenant.ts';
import { notify } from '../../../lib/notify.ts';
import { useShowCurrency, useTenant } from '../../../lib/tenant-context.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { LeaveGuard } from '../../../ui/form/leave-guard.tsx';
import { ListLoading } from '../../../ui/list-loading.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { SignInSettings } from '../../sign-in-providers/components/sign-in-settings.tsx';
import { tenantSettingsQuery } from '../api/tenant-settings.ts';
import { BrandSettings } from '../components/brand-settings.tsx';
import { CacheForm } from '../components/cache-form.tsx';
import { GroupForm } from '../components/group-form.tsx';
import { SwitchSetting } from '../components/switch-setting.tsx';
import { groups, groupWords, type SettingGroup } from '../settings-form.ts';

const onDone = (message: string) => notify({ color: 'brand', title: 'Saved', message });

type GroupProps = {
  group: SettingGroup;
  settings: TenantSettings;
  onDirty: (id: string, is: boolean) => void;
};

/** The settings of one group. */
function Group({ group: { id, inputs, switches, forms }, settings, onDirty }: GroupProps) {
  const { title, about } = groupWords[id];
  const report = useCallback((isDirty: boolean) => onDirty(id, isDirty), [id, onDirty]);
  return (
    <Paper withBorder p={{ base: 'md', sm: 'lg' }} component="section" aria-labelledby={`settings-${id}`}>
      <Title order={2} id={`settings-${id}`}>
        {title}
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        {about}
      </Text>
      <Stack gap="lg">
        {switches.map((name) => (
          <SwitchSetting key={name} name={name} isOn={settings[name]} onDone={onDone} />
        ))}
        {inputs.length > 0 && (
          <GroupForm title={title} names={inputs} settings={settings} onDirty={report} onDone={onDone} />
        )}
        {forms.includes('response_cache') && (
          <CacheForm settings={settings} onDirty={report} onDone={onDone} />
        )}
      </Stack>
    </Paper>
  );
}

/** The settings that admins can change for their tenant. */
export function SettingsPage() {
  const { branding } = useTenant();
  const { data: settings, error, refetch } = useQuery(tenantSettingsQuery);
  const showCurrency = useShowCurrency();
  useEffect(() => {
    if (settings !== undefined) showCurrency(settings);
  }, [settings, showCurrency]);
  const [dirty, setDirty] = useState<ReadonlySet<string>>(new Set());
  const onDirty = useCallback((id: string, isDirty: boolean) => {
    setDirty((before) => {
      if (before.has(id) === isDirty) return before;
      return isDirty ? new Set([...before, id]) : new Set([...before].filter((other) => other !== id));
    });
  }, []);
  return (
    <>
      <PageHeader title="Settings">Settings for everyone at {branding.name}.</PageHeader>
      <LeaveGuard isDirty={dirty.size > 0} />
      {error !== null && <ErrorAlert error={error} onRetry={refetch} />}
      {settings === undefined && error === null && <ListLoading />}
      {settings !== undefined && (
        <Stack>
          <BrandSettings settings={settings} onDirty={onDirty} onDone={onDone} />
          <SignInSettings />
          {groups.map((group) => (
            <Group key={group.id} group={group} settings={settings} onDirty={onDirty} />
          ))}
        </Stack>
      )}
    </>
  );
}
