import { Button, Kbd, Text, TextInput, VisuallyHidden } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { type KeyboardEvent, useRef, useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { paths } from '../../../lib/paths.ts';
import type { Operation, Reference, Section } from '../reference.ts';
import { searchSections } from '../search.ts';
import { MethodBadge } from './method-badge.tsx';
import classes from './reference-navigation.module.css';

/** Parts of the overview, with the anchors they are linked by. */
const overviewParts = [
  { anchor: 'base-urls', title: 'Base URLs' },
  { anchor: 'authentication', title: 'Authentication' },
  { anchor: 'errors', title: 'Errors' },
];

type Place = {
  /** The open section; null for the overview. */
  slug: string | null;
  /** The anchor at the top of the page. */
  anchor: string | null;
};

type OperationLinkProps = { slug: string; operation: Operation; isCurrent: boolean; isFound: boolean };

const OperationLink = ({
  slug,
  operation: { id, method, path, title },
  isCurrent,
  isFound,
}: OperationLinkProps) => (
  <Link
    to={paths.apiReferenceSection(slug, id)}
    className={classes.operation}
    aria-current={isCurrent ? 'location' : undefined}
  >
    <MethodBadge method={method} isNarrow />
    <span>
      {title}
      {isFound && <code className={classes.path}>{path}</code>}
    </span>
  </Link>
);

type SectionLinksProps = { section: Section; place: Place; isFound: boolean };

/** A group of operations. Lists them while it is open or a search finds them. */
function SectionLinks({ section: { slug, title, operations }, place, isFound }: SectionLinksProps) {
  const isOpen = place.slug === slug;
  return (
    <li>
      <Link
        to={paths.apiReferenceSection(slug)}
        className={classes.section}
        aria-current={isOpen ? 'page' : undefined}
      >
        {title}
      </Link>
      {(isOpen || isFound) && (
        <ul className={classes.list}>
          {operations.map((operation) => (
            <li key={operation.id}>
              <OperationLink
                slug={slug}
                operation={operation}
                isCurrent={isOpen && place.anchor === operation.id}
                isFound={isFound}
              />
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

function OverviewLinks({ place: { slug, anchor } }: { place: Place }) {
  return (
    <li>
      <Link
        to={paths.apiReference}
        className={classes.section}
        aria-current={slug === null ? 'page' : undefined}
      >
        Overview
      </Link>
      {slug === null && (
        <ul className={classes.list}>
          {overviewParts.map((part) => (
            <li key={part.anchor}>
              <Link
                to={`${paths.apiReference}#${part.anchor}`}
                className={classes.operation}
                aria-current={anchor === part.anchor ? 'location' : undefined}
              >
                {part.title}
              </Link>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

/** Moves the focus through the search field and the links with the up and down keys. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>('input, a')];
  const next = stops[stops.indexOf(document.activeElement as HTMLElement) + step];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}

type SearchProps = { query: string; onQuery: (query: string) => void; onEnter: () => void; count: number };

/** The search field. A slash focuses it, Enter opens the first result, and Escape clears it. */
function Search({ query, onQuery, onEnter, count }: SearchProps) {
  const input = useRef<HTMLInputElement>(null);
  useHotkeys([['/', () => input.current?.focus()]]);
  const onKeyDown = ({ key }: KeyboardEvent) => {
    if (key === 'Enter') onEnter();
    if (key === 'Escape') onQuery('');
  };
  return (
    <search className={classes.search}>
      <TextInput
        ref={input}
        type="search"
        aria-label="Search operations"
        placeholder="Search operations"
        value={query}
        onChange={(event) => onQuery(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        leftSection={<IconSearch size={16} aria-hidden />}
        rightSection={
          query === '' && (
            <Kbd size="xs" aria-hidden visibleFrom="md">
              /
            </Kbd>
          )
        }
        // In a drawer, the first Escape empties the field and the next one closes it.
        data-mantine-stop-propagation={query !== ''}
      />
      <VisuallyHidden role="status">
        {query.trim() !== '' && `${count} ${count === 1 ? 'operation' : 'operations'} found`}
      </VisuallyHidden>
    </search>
  );
}

type ReferenceNavigationProps = { reference: Reference; place: Place };

/** Groups of operations, with a search. */
export function ReferenceNavigation({ reference, place }: ReferenceNavigationProps) {
  const [query, setQuery] = useState('');
  const navigate = useNavigate();
  const isSearching = query.trim() !== '';
  const sections = searchSections(reference.sections, query);
  const found = sections.flatMap(({ slug, operations }) => operations.map(({ id }) => ({ slug, id })));
  const [first] = found;
  return (
    <nav aria-label="API reference" onKeyDown={moveFocus}>
      <Search
        query={query}
        onQuery={setQuery}
        count={found.length}
        onEnter={() =>
          isSearching && first !== undefined && navigate(paths.apiReferenceSection(first.slug, first.id))
        }
      />
      {found.length === 0 && (
        <div className={classes.nothing}>
          <Text size="sm">No operation matches “{query.trim()}”.</Text>
          <Button variant="default" size="xs" onClick={() => setQuery('')}>
            Clear the search
          </Button>
        </div>
      )}
      <ul className={classes.list}>
        {!isSearching && <OverviewLinks place={place} />}
        {sections.map((section) => (
          <SectionLinks key={section.slug} section={section} place={place} isFound={isSearching} />
        ))}
      </ul>
    </nav>
  );
}
