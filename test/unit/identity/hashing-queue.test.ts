import { expect, it } from 'vitest';
import { HashingQueue, TooManyHashes } from '../../../worker/identity/passwords/hashing-queue.ts';

/** Work that ends when it is told to. */
function work() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let isStarted = false;
  const run = () => {
    isStarted = true;
    return promise;
  };
  return { run, resolve, reject, isStarted: () => isStarted };
}

it('runs two at a time and the others in order', async () => {
  const queue = new HashingQueue({ running_max: 2, waiting_max: 10 });
  const works = Array.from({ length: 5 }, work);
  const ends = works.map(({ run }) => queue.run(run));
  const started = () => works.map(({ isStarted }) => isStarted());
  expect(started()).toEqual([true, true, false, false, false]);
  works[1]?.resolve('one');
  await ends[1];
  await Promise.resolve();
  expect(started()).toEqual([true, true, true, false, false]);
  works[0]?.reject(new Error('broken'));
  await expect(ends[0]).rejects.toThrow('broken');
  await Promise.resolve();
  expect(started()).toEqual([true, true, true, true, false]);
  for (const { resolve } of works) resolve('done');
  expect(await Promise.all(ends.slice(2))).toEqual(['done', 'done', 'done']);
});

it('refuses at once when too many wait, and takes more when they have ended', async () => {
  const queue = new HashingQueue({ running_max: 1, waiting_max: 1 });
  const [first, second] = [work(), work()];
  const ends = [queue.run(first.run), queue.run(second.run)];
  await expect(queue.run(work().run)).rejects.toThrow(TooManyHashes);
  first.resolve('done');
  second.resolve('done');
  await Promise.all(ends);
  expect(await queue.run(async () => 'later')).toBe('later');
});
