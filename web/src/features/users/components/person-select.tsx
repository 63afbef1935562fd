import { Select } from '@mantine/core';
import { IconUser } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { nameOf } from '../../../lib/person.ts';
import { useSearchText } from '../../../lib/use-search-text.ts';
import { userQuery, usersQuery } from '../api/users.ts';

type PersonSelectProps = {
  /** The chosen user, or null for all users. */
  userId: string | null;
  onChange: (userId: string | null) => void;
};

/** Narrows a list to one user of the tenant, found by a part of their name or email. */
export function PersonSelect({ userId, onChange }: PersonSelectProps) {
  const [search, setSearch] = useState('');
  const chosen = useQuery({ ...userQuery(userId ?? ''), enabled: userId !== null }).data?.user;
  const labelOf = (user: { name: string | null; email: string }) => `${nameOf(user)} · ${user.email}`;
  // The name of the chosen user replaces the search text.
  const isChosen = chosen !== undefined && labelOf(chosen) === search;
  const q = useSearchText(isChosen ? '' : search);
  const { data: found = [] } = useInfiniteQuery(usersQuery(q === '' ? {} : { q }));
  // The chosen user may be none of those found now.
  const people = new Map(
    [...(chosen === undefined ? [] : [chosen]), ...found].map((user) => [user.id, user]),
  );

  return (
    <Select
      aria-label="User"
      placeholder="All users"
      leftSection={<IconUser size={16} aria-hidden />}
      data={[...people].map(([value, user]) => ({ value, label: labelOf(user) }))}
      value={userId}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': 'All users' }}
      // The server has searched already.
      filter={({ options }) => options}
      nothingFoundMessage="No user found"
      comboboxProps={{ withinPortal: false }}
      w={320}
      maw="100%"
      onSearchChange={setSearch}
      onChange={onChange}
    />
  );
}
