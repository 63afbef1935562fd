import { Switch } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { TenantDetail } from '../../../../../contracts/api/platform/tenants.ts';
import { notify } from '../../../lib/notify.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { selfMadeChangesQuery, setSelfMadeChanges } from '../api/tenants.ts';
import { Section } from './tenant-facts.tsx';

/** Lets the admins of a tenant change their own wallet and policy, or not, whatever the tenant chose. */
export function SelfMadeChanges({ tenant: { id, name } }: { tenant: TenantDetail }) {
  const { data, error, refetch } = useQuery(selfMadeChangesQuery(id));
  const [isAsking, setAsking] = useState(false);
  const isAllowed = data?.allowed_by_platform ?? true;
  const action = isAllowed ? 'Turn off' : 'Turn on';
  return (
    <Section title="Self-made changes">
      {error !== null && <ErrorAlert error={error} onRetry={refetch} />}
      <Switch
        label="Admins can change their own wallet and policy"
        description={
          data?.allowed_by_tenant === false
            ? 'The settings of the tenant have turned this off.'
            : 'The audit log marks these changes. The budget limits what they can cost.'
        }
        checked={isAllowed}
        disabled={data === undefined}
        onChange={() => setAsking(true)}
      />
      {isAsking && (
        <ConfirmDialog
          title={`${action} self-made changes of ${name}?`}
          action={action}
          mutation={setSelfMadeChanges(id, !isAllowed)}
          onClose={() => setAsking(false)}
          onDone={() => {
            setAsking(false);
            notify({ color: 'brand', title: 'Saved', message: 'The rule holds from the next request on.' });
          }}
        >
          {isAllowed
            ? 'Each admin then needs another one, or you, to add to their balance or to change their policy.'
            : 'Admins can do it again, if the settings of their tenant allow it.'}
        </ConfirmDialog>
      )}
    </Section>
  );
}
