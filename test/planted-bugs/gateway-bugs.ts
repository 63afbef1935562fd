import type { PlantedBug } from './planted-bug.ts';

const endToEnd = (file: string, test: string): Pick<PlantedBug, 'file' | 'project' | 'tests'> => ({
  file: `worker/services/${file}.ts`,
  project: 'e2e',
  tests: `test/e2e/${test}.test.ts`,
});
const stream = endToEnd('stream-execution', 'interleaved-tenants');
const idempotency = endToEnd('idempotency', 'idempotency');

/** Faults that show only where many calls meet, on the whole way from a client to a provider and back. */
export const gatewayBugs: PlantedBug[] = [
  {
    ...stream,
    what: 'a word in five hundred is said to somebody else',
    find: '      await tell(event);',
    replace: `      const heard = globalThis as { words?: number; last?: StreamEvent };
      heard.words = (heard.words ?? 0) + 1;
      const said = heard.words % 500 === 0 ? heard.last : event;
      heard.last = event;
      await tell((said ?? event) as LiveEvent);`,
  },
  {
    ...idempotency,
    what: 'an Idempotency-Key is not looked at',
    find: 'key === undefined ? undefined',
    replace: 'key !== null ? undefined',
  },
  {
    ...idempotency,
    what: 'an Idempotency-Key stands for whatever is asked',
    find: 'canonicalJson({ surface, body })',
    replace: 'canonicalJson({ surface })',
  },
];
