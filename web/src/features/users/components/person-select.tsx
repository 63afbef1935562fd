import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconUser } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { nameOf } from '../../../lib/person.ts';
import { fetchUser, fetchUsers } from '../api/users.ts';

/** Typing goes on within this time: asking for each letter would only tire the server. */
const SEARCH_DELAY_MS = 250;

type PersonSelectProps = {
  /** Whose things are listed; null for everybody's. */
  userId: string | null;
  onChange: (userId: string | null) => void;
};

/** Who was chosen may be none of those that are found now. */
async function findPeople(q: string, chosenId: string | null) {
  const [found, chosen] = await Promise.all([
    fetchUsers(undefined, q),
    chosenId === null ? null : fetchUser(chosenId),
  ]);
  const people = chosen === null ? found.items : [chosen.user, ...found.items];
  return new Map(people.map((user) => [user.id, `${nameOf(user)} · ${user.email}`]));
}

/** Narrows a list to one person of the tenant, found by how their name or email begins. */
export function PersonSelect({ userId, onChange }: PersonSelectProps) {
  const [people, setPeople] = useState(new Map<string, string>());
  const [search, setSearch] = useState('');
  // Once somebody is chosen their name stands where the search was.
  const isChosen = userId !== null && people.get(userId) === search;
  const [q] = useDebouncedValue(isChosen ? '' : search.trim(), SEARCH_DELAY_MS);

  useEffect(() => {
    let isCurrent = true;
    findPeople(q, userId).then(
      (found) => isCurrent && setPeople(found),
      // The list itself says what is wrong.
      () => undefined,
    );
    return () => {
      isCurrent = false;
    };
  }, [q, userId]);

  return (
    <Select
      aria-label="Person"
      placeholder="Everybody"
      leftSection={<IconUser size={16} aria-hidden />}
      data={[...people].map(([value, label]) => ({ value, label }))}
      value={userId}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': 'Everybody' }}
      // The server has searched already.
      filter={({ options }) => options}
      nothingFoundMessage="Nobody is found"
      comboboxProps={{ withinPortal: false }}
      w={320}
      maw="100%"
      onSearchChange={setSearch}
      onChange={onChange}
    />
  );
}
