import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The longest of those that run two at a time: begun last, they would run alone at the end. */
const first = ['storm', 'kill', 'wallet-repair', 'streams', 'rotate-provider-keys'];
/** Waits for what was begun with the stack, which goes on meanwhile. */
const last = ['unanswered'];

const isAmong = (names: string[], { moduleId }: TestSpecification) =>
  names.some((name) => moduleId.endsWith(`/${name}.test.ts`));

/** The order of the files within a project, where it matters how long the whole takes. */
export class Sequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = (file: TestSpecification) => Number(isAmong(last, file)) - Number(isAmong(first, file));
    return (await super.sort(files)).sort((one, other) => rankOf(one) - rankOf(other));
  }
}
