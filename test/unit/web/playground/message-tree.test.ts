import { describe, expect, it } from 'vitest';
import { branchTo, newestBelow, siblingsOf } from '../../../../web/src/features/playground/message-tree.ts';

const node = (id: string, parent_id: string | null = null) => ({ id, parent_id });
/** A prompt with two answers, the first of which was followed by a prompt in two wordings. */
const tree = [
  ...[node('p1'), node('a1', 'p1'), node('a2', 'p1')],
  ...[node('p2', 'a1'), node('p3', 'a1'), node('a3', 'p2')],
];
const ids = (nodes: { id: string }[]) => nodes.map(({ id }) => id);

describe('A conversation with branches', () => {
  it('is shown from its start to the message that was chosen', () => {
    expect(ids(branchTo(tree, 'a3'))).toEqual(['p1', 'a1', 'p2', 'a3']);
    expect(ids(branchTo(tree, 'a2'))).toEqual(['p1', 'a2']);
  });

  it('shows nothing of a message that is not there, or of none', () => {
    expect([branchTo(tree, 'other'), branchTo(tree, null)]).toEqual([[], []]);
  });

  it('names the versions of a message, the oldest first', () => {
    expect(ids(siblingsOf(tree, node('a2', 'p1')))).toEqual(['a1', 'a2']);
    expect(ids(siblingsOf(tree, node('p1')))).toEqual(['p1']);
  });

  it('goes on, from a version, with the newest messages below it', () => {
    expect(newestBelow(tree, 'p1')).toBe('a2');
    expect(newestBelow(tree, 'a1')).toBe('p3');
    expect(newestBelow(tree, 'p2')).toBe('a3');
  });

  it('ends where messages follow each other in a circle', () => {
    const circle = [node('a', 'b'), node('b', 'a')];
    expect(ids(branchTo(circle, 'a'))).toEqual(['b', 'a']);
    expect(['a', 'b']).toContain(newestBelow(circle, 'a'));
  });
});
