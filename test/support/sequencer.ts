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

const isAmong = (names: string[], { moduleId }: TestSpecification) =>
  names.some((name) => moduleId.endsWith(`/${name}.test.ts`));

/** Orders the files of a project so that the whole run is shorter. */
export class Sequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = (file: TestSpecification) => Number(isAmong(last, file)) - Number(isAmong(first, file));
    return (await super.sort(files)).sort((one, other) => rankOf(one) - rankOf(other));
  }
}
