import { Group, SegmentedControl } from '@mantine/core';
import { IconListDetails } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { PersonSelect } from '../../users/components/person-select.tsx';
import { auditQuery } from '../api/audit.ts';
import { AuditList } from '../components/audit-list.tsx';

/** The tenant's audit log: all of it, or what admins changed for themselves. */
export function AuditPage() {
  const [shown, setShown] = useState<'all' | 'self'>('all');
  const [userId, setUserId] = useState<string | null>(null);
  const query = useInfiniteQuery(auditQuery({ userId, isSelfMade: shown === 'self' }));
  return (
    <>
      <PageHeader title="Audit log">Who changed what. Entries are never changed or deleted.</PageHeader>
      <Group mb="md">
        <SegmentedControl
          aria-label="Entries shown"
          data={[
            { value: 'all', label: 'All' },
            { value: 'self', label: 'Self-made' },
          ]}
          value={shown}
          onChange={setShown}
        />
        <PersonSelect userId={userId} onChange={setUserId} />
      </Group>
      <AuditList
        query={query}
        empty={
          <EmptyState
            icon={<IconListDetails />}
            title={shown === 'self' ? 'No self-made changes' : 'No entries yet'}
          >
            {shown === 'self'
              ? 'Changes that administrators make to their own wallet, policy or level appear here.'
              : 'Sign-ins and changes appear here.'}
          </EmptyState>
        }
      />
    </>
  );
}
