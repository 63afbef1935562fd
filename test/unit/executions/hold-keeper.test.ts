import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HoldKeeper } from '../../../worker/executions/hold-keeper.ts';
import type { Dependencies } from '../../../worker/runtime/dependencies.ts';

const LIFETIME_MS = 60_000;
const wallet = { tenant_id: crypto.randomUUID(), user_id: crypto.randomUUID() };
const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };

type Extension = { ok: true; expires_at_ms: number } | { ok: false; code: string };
const extended = async () => ({ ok: true as const, expires_at_ms: Date.now() + LIFETIME_MS });

/** Returns the keeper of a new hold, in a wallet that answers with `extend`. */
function keep(extend: () => Promise<Extension>) {
  const asked = vi.fn(extend);
  const refused = vi.fn();
  const wallets = { getByName: () => ({ extend: asked }) } as unknown as Dependencies['wallets'];
  const hold = { wallet, start: { id: crypto.randomUUID() }, expires_at_ms: Date.now() + LIFETIME_MS };
  const keeper = new HoldKeeper(
    { wallets, log },
    hold as ConstructorParameters<typeof HoldKeeper>[1],
    refused,
  );
  return { keeper, asked, refused };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a hold that is kept alive', () => {
  it('is extended half-way to its deadline, again and again', async () => {
    const { keeper, asked, refused } = keep(extended);
    await vi.advanceTimersByTimeAsync(LIFETIME_MS / 2 - 1);
    expect(asked).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(asked).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(LIFETIME_MS);
    expect(asked).toHaveBeenCalledTimes(3);
    keeper.stop();
    await vi.advanceTimersByTimeAsync(LIFETIME_MS);
    expect(asked).toHaveBeenCalledTimes(3);
    expect(refused).not.toHaveBeenCalled();
  });

  it.each(['user_disabled', 'api_key_revoked', 'reservation_released'])(
    'is given up at once when the wallet says %s',
    async (code) => {
      const { asked, refused } = keep(async () => ({ ok: false, code }));
      await vi.advanceTimersByTimeAsync(LIFETIME_MS * 2);
      expect(refused).toHaveBeenCalledTimes(1);
      expect(asked).toHaveBeenCalledTimes(1);
    },
  );

  it('is given up at its deadline, and not before, while the wallet cannot be reached', async () => {
    const { refused } = keep(() => Promise.reject(new Error('out of reach')));
    await vi.advanceTimersByTimeAsync(LIFETIME_MS - 1_000);
    expect(refused).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(refused).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(LIFETIME_MS);
    expect(refused).toHaveBeenCalledTimes(1);
  });

  it('continues if the wallet can be reached again in time', async () => {
    let isBack = false;
    const { refused, keeper } = keep(() => (isBack ? extended() : Promise.reject(new Error('out of reach'))));
    await vi.advanceTimersByTimeAsync(LIFETIME_MS - 5_000);
    isBack = true;
    await vi.advanceTimersByTimeAsync(LIFETIME_MS);
    expect(refused).not.toHaveBeenCalled();
    keeper.stop();
  });
});
