import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Cancellations } from '../../../durable-objects/wallet/cancellations.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const isHeld = () => true;

/** Requests a cancellation. Returns a function that tells whether it was answered. */
function request(cancellations: Cancellations, id: string) {
  let isAnswered = false;
  void cancellations.request(id, isHeld).then(() => {
    isAnswered = true;
  });
  return async (afterMs: number) => {
    await vi.advanceTimersByTimeAsync(afterMs);
    return isAnswered;
  };
}

describe('a cancellation', () => {
  it('is answered when the execution has ended, to all who asked', async () => {
    const cancellations = new Cancellations();
    const answered = [request(cancellations, 'one'), request(cancellations, 'one')];
    expect(await answered[0]?.(2_000)).toBe(false);
    cancellations.ended('other');
    expect(await answered[0]?.(0)).toBe(false);
    cancellations.ended('one');
    expect(await Promise.all(answered.map((tell) => tell(0)))).toEqual([true, true]);
    expect(cancellations.has('one')).toBe(false);
  });

  it('is answered after eight seconds at the latest, and stays known to the execution', async () => {
    const cancellations = new Cancellations();
    const answered = request(cancellations, 'one');
    expect(await answered(7_999)).toBe(false);
    expect(await answered(1)).toBe(true);
    expect(cancellations.has('one')).toBe(true);
  });

  it('is forgotten when its reservation ended unnoticed', () => {
    const cancellations = new Cancellations();
    void cancellations.request('gone', isHeld);
    void cancellations.request('new', (id) => id !== 'gone');
    expect(cancellations.has('gone')).toBe(false);
  });
});
