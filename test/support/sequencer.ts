import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The longest files of projects that run two files at a time. They run first, so that none runs alone at the end. */
const first = [
  'unanswered',
  'journal-delivery',
  'from-empty',
  'admin',
  'storm',
  'kill',
  'streams',
  'platform-bootstrap',
  'rotate-provider-keys',
  'provider-faults',
  'gateway-balances',
];
/** Files that run last: one that measures how hundreds of calls meet, so that it runs when the stacks of the other projects have started. */
const last = ['idempotency'];

/** The longest files of projects that run in halves, the longest of each project first. */
const longest = [
  ...[
    'background',
    'reconciliation',
    'idempotency',
    'accounts',
    'api-keys',
    'execution',
    'interleaved-tenants',
    'governance',
  ],
  ...['tenants', 'domains', 'bad-input', 'tenant-settings', 'catalog', 'openai-sdk'],
  ...['app', 'admin', 'live', 'reference', 'executions', 'levels', 'stream', 'keys', 'invitations'],
];

const isAmong = (names: string[], { moduleId }: TestSpecification) =>
  names.some((name) => moduleId.endsWith(`/${name}.test.ts`));

const rankOfLength = (file: TestSpecification): number => {
  const rank = longest.findIndex((name) => isAmong([name], file));
  return rank === -1 ? longest.length : rank;
};

/** Orders and shares out the files of a project so that the whole run is shorter. */
export class Sequencer extends BaseSequencer {
  /** Deals the files out by their length, to and fro, so that shares take about as long as each other. */
  override async shard(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { index, count } = this.ctx.config.shard ?? { index: 1, count: 1 };
    const byLength = files.toSorted(
      (one, other) => rankOfLength(one) - rankOfLength(other) || one.moduleId.localeCompare(other.moduleId),
    );
    return byLength.filter((_, at) => {
      const place = at % count;
      const turn = Math.floor(at / count) % 2 === 0 ? place : count - 1 - place;
      return turn === index - 1;
    });
  }

  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = (file: TestSpecification) => Number(isAmong(last, file)) - Number(isAmong(first, file));
    return (await super.sort(files)).sort((one, other) => rankOf(one) - rankOf(other));
  }
}
