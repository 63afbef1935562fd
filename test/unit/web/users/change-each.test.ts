import { describe, expect, it } from 'vitest';
import { changeEach } from '../../../../web/src/features/users/change-each.ts';
import { ApiError } from '../../../../web/src/lib/api-client.ts';

describe('A change of several users', () => {
  it('goes on after a refusal, and returns who was refused and why', async () => {
    const seen: string[] = [];
    const progress: number[] = [];
    const refusal = new ApiError('last_admin', 'The last admin stays.', null);
    const failed = await changeEach(
      ['ada', 'grace', 'alan'],
      async (name) => {
        seen.push(name);
        if (name === 'grace') throw refusal;
      },
      (done) => progress.push(done),
    );
    expect(failed).toEqual([{ item: 'grace', error: refusal }]);
    expect(seen).toEqual(['ada', 'grace', 'alan']);
    expect(progress).toEqual([1, 2, 3]);
  });

  it('stops at a bug', async () => {
    const bug = changeEach(
      ['ada'],
      () => Promise.reject(new TypeError('bug')),
      () => undefined,
    );
    await expect(bug).rejects.toThrow(TypeError);
  });
});
