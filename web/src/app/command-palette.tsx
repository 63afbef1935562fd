import '@mantine/spotlight/styles.layer.css';
import { createSpotlight, Spotlight } from '@mantine/spotlight';
import { IconBook2, IconHistory, IconSearch, IconUser, IconUserCog } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useNavigate } from 'react-router';
import { useUser } from '../features/auth/auth-context.tsx';
import { executionsQuery } from '../features/executions/api/executions.ts';
import { usersQuery } from '../features/users/api/users.ts';
import { formatTimeShort } from '../lib/format.ts';
import { paths } from '../lib/paths.ts';
import { nameOf } from '../lib/person.ts';
import { useSearchText } from '../lib/use-search-text.ts';
import { idIn, matches } from './command-matches.ts';
import type { NavigationLink } from './navigation-link.ts';

const [store, palette] = createSpotlight();

/** The most executions and users that are shown. */
const SHOWN = 5;

type Command = { to: string; label: string; description?: string; icon: typeof IconHistory };

function Commands({ label, commands }: { label: string; commands: Command[] }) {
  const navigate = useNavigate();
  if (commands.length === 0) return null;
  return (
    <Spotlight.ActionsGroup label={label}>
      {commands.map(({ to, label: name, description, icon: Icon }) => (
        <Spotlight.Action
          key={to}
          label={name}
          {...(description === undefined ? {} : { description })}
          leftSection={<Icon size={18} stroke={1.7} aria-hidden />}
          onClick={() => navigate(to)}
        />
      ))}
    </Spotlight.ActionsGroup>
  );
}

/** Returns the newest executions whose id or model has the search, and the one whose id it is. */
function useExecutionCommands(search: string): Command[] {
  const { data = [] } = useInfiniteQuery(executionsQuery({}));
  const id = idIn(search);
  const found: Command[] = data
    .filter((execution) => matches(search, execution.id, execution.model))
    .slice(0, SHOWN)
    .map((execution) => ({
      to: paths.execution(execution.id),
      label: execution.id,
      description: `${execution.model} · ${formatTimeShort(execution.created_at)}`,
      icon: IconHistory,
    }));
  if (found.length > 0 || id === null) return found;
  return [{ to: paths.execution(id), label: id, description: 'Open this execution', icon: IconHistory }];
}

/** Returns the users found by name or email. For admins, once something is searched for. */
function useUserCommands(search: string): Command[] {
  const isAdmin = useUser().role !== 'user';
  const q = useSearchText(search);
  const { data = [] } = useInfiniteQuery({ ...usersQuery({ q }), enabled: isAdmin && q !== '' });
  if (!isAdmin || search.trim() === '') return [];
  return data.slice(0, SHOWN).map((user) => ({
    to: paths.user(user.id),
    label: nameOf(user),
    ...(user.name === null ? {} : { description: user.email }),
    icon: IconUser,
  }));
}

function Results({ search, links }: { search: string; links: NavigationLink[] }) {
  const { acting } = useUser();
  const pages: Command[] = [
    ...links,
    ...(acting === null ? [{ to: paths.account, label: 'Account', icon: IconUserCog }] : []),
    { to: paths.apiReference, label: 'API reference', icon: IconBook2 },
  ].filter(({ label }) => matches(search.trim(), label));
  const users = useUserCommands(search);
  const executions = useExecutionCommands(search.trim());
  const isEmpty = pages.length + users.length + executions.length === 0;
  return (
    <Spotlight.ActionsList>
      <Commands label="Pages" commands={pages.map(({ to, label, icon }) => ({ to, label, icon }))} />
      <Commands label="Users" commands={users} />
      <Commands label="Executions" commands={executions} />
      {isEmpty && <Spotlight.Empty>Nothing found</Spotlight.Empty>}
    </Spotlight.ActionsList>
  );
}

type CommandPaletteProps = {
  /** The number of times it was opened: each more opens it. */
  opens: number;
  links: NavigationLink[];
};

/** Finds pages, users and executions by what is typed, and opens the chosen one. */
export function CommandPalette({ opens, links }: CommandPaletteProps) {
  const [search, setSearch] = useState('');
  const scope =
    useUser().role === 'user' ? 'Search pages and executions' : 'Search pages, users and executions';
  useEffect(() => {
    if (opens > 0) palette.open();
  }, [opens]);
  return (
    <Spotlight.Root
      store={store}
      query={search}
      onQueryChange={setSearch}
      shortcut={null}
      scrollable
      maxHeight={440}
      attributes={{ content: { 'aria-label': 'Search' } }}
    >
      <Spotlight.Search
        aria-label={scope}
        placeholder={scope}
        leftSection={<IconSearch size={19} stroke={1.7} aria-hidden />}
      />
      <Results search={search} links={links} />
    </Spotlight.Root>
  );
}
