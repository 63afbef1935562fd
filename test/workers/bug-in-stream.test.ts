import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ChatLiveEvent } from '../../worker/executions/chat-task.ts';
import { ExecutionRun } from '../../worker/executions/run.ts';
import { begin } from './begin.ts';
import { auditedFigures, dependencies, holdTheQueue, newcomer } from './checked-wallet.ts';
import { addModel } from './priced-model.ts';
import { fetchOf, said } from './simulated-stream.ts';

const MODEL = `model-${crypto.randomUUID()}`;
beforeAll(async () => {
  holdTheQueue();
  await addModel(MODEL);
});

const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
beforeEach(() => {
  vi.restoreAllMocks();
  log.error.mockClear();
  vi.spyOn(globalThis, 'fetch').mockImplementation(fetchOf(async () => said()));
});

/** Begins a stream for a new user. Returns the events of its listener, which throws at events of type `failsAt`. */
async function listen(failsAt: ChatLiveEvent['type'] | null) {
  const wallet = await newcomer();
  const begun = await begin(wallet, MODEL);
  if (!begun.ok || begun.value.is !== 'reserved') throw new Error('Nothing was begun');
  const clientGone = new AbortController().signal;
  const { execution } = begun.value;
  const run = new ExecutionRun(dependencies({ log }), execution, { clientGone, delivery: 'live' });
  const told: ChatLiveEvent[] = [];
  await run.deliver((event) => {
    if (event.type === failsAt) throw new Error('A bug in the encoder');
    told.push(event);
    return Promise.resolve();
  });
  return { wallet, told, execution_id: execution.start.id };
}

describe('a bug in the middle of a stream', () => {
  it('does not occur in a correct stream, which charges the usage', async () => {
    const { wallet, told } = await listen(null);
    expect(told.map(({ type }) => type)).toEqual(['text', 'finished']);
    expect(await auditedFigures(wallet)).toMatchObject({ consumed: 10, reserved: 0, in_flight: 0 });
    expect(log.error).not.toHaveBeenCalled();
  });

  it('is logged, sent as an error event without detail, and releases the reservation', async () => {
    const { wallet, told, execution_id } = await listen('text');
    expect(told).toEqual([{ type: 'error', failure: { code: 'internal', execution_id } }]);
    expect(log.error).toHaveBeenCalledWith('unhandled_error', { execution_id, error: expect.any(Error) });
    expect(await auditedFigures(wallet)).toMatchObject({ consumed: 0, reserved: 0, in_flight: 0 });
  });

  it('after the end does not change the charge', async () => {
    const { wallet, told } = await listen('finished');
    expect(told.map(({ type }) => type)).toEqual(['text', 'error']);
    expect(await auditedFigures(wallet)).toMatchObject({ consumed: 10, reserved: 0, in_flight: 0 });
  });
});
