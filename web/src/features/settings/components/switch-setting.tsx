import { Switch } from '@mantine/core';
import { useState } from 'react';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { switchTenantSetting } from '../api/tenant-settings.ts';
import { consequences, type SwitchName, textsOf } from '../settings-form.ts';

type SwitchSettingProps = { name: SwitchName; isOn: boolean; onDone: (notice: string) => void };

/** A setting that is on or off. A change is confirmed first: it affects every user. */
export function SwitchSetting({ name, isOn, onDone }: SwitchSettingProps) {
  const [isAsking, setAsking] = useState(false);
  const { label, help } = textsOf(name);
  const action = isOn ? 'Turn off' : 'Turn on';
  return (
    <>
      <Switch label={label} description={help} checked={isOn} onChange={() => setAsking(true)} />
      {isAsking && (
        <ConfirmDialog
          title={`${action} “${label}”?`}
          action={action}
          mutation={switchTenantSetting({ [name]: !isOn })}
          onClose={() => setAsking(false)}
          onDone={() => {
            setAsking(false);
            onDone(`“${label}” is ${isOn ? 'off' : 'on'}.`);
          }}
        >
          {consequences[name]?.[isOn ? 'off' : 'on'] ?? help}
        </ConfirmDialog>
      )}
    </>
  );
}
