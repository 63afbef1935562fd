import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ChatLiveEvent } from '../../worker/executions/chat-task.ts';
import { ExecutionRun } from '../../worker/executions/run.ts';
import { outputBytesMax } from '../../worker/providers/metering/token-bound.ts';
import { begin } from './begin.ts';
import { auditedFigures, dependencies, holdTheQueue, newcomer } from './checked-wallet.ts';
import { addModel } from './priced-model.ts';
import { chunk, fetchOf } from './simulated-stream.ts';

const MODEL = `model-${crypto.randomUUID()}`;
const MAX_OUTPUT_TOKENS = 100;
beforeAll(async () => {
  holdTheQueue();
  await addModel(MODEL);
});

/** Streams blanks, 1,000 at a time, to twice the limit that is read. */
const blanks = () => {
  const piece = chunk({ choices: [{ index: 0, delta: { content: ' '.repeat(1_000) } }] });
  const body = piece.repeat((2 * outputBytesMax(MAX_OUTPUT_TOKENS)) / 1_000);
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
};

beforeEach(() => {
  vi.restoreAllMocks();
  vi.spyOn(globalThis, 'fetch').mockImplementation(fetchOf(async () => blanks()));
});

describe('a stream with more bytes than its limit of tokens can have', () => {
  it('is cut off with the finish reason length, and charged its whole output limit', async () => {
    const wallet = await newcomer();
    const begun = await begin(wallet, MODEL);
    if (!begun.ok || begun.value.is !== 'reserved') throw new Error('Nothing was begun');
    const { execution } = begun.value;
    const clientGone = new AbortController().signal;
    const run = new ExecutionRun(dependencies(), execution, { clientGone, delivery: 'live' });
    const told: ChatLiveEvent[] = [];
    await run.deliver(async (event) => void told.push(event));
    const end = told.pop();
    const text = told.map((event) => (event.type === 'text' ? event.text : '')).join('');
    expect(text.length).toBeGreaterThan(outputBytesMax(MAX_OUTPUT_TOKENS));
    expect(text.length).toBeLessThan(outputBytesMax(MAX_OUTPUT_TOKENS) + 1_001);
    expect(end).toMatchObject({
      type: 'finished',
      executed: { response: { status: 'succeeded', finish_reason: 'length', usage_source: 'estimated' } },
    });
    const { task, candidates } = execution.plan;
    const charged = task.estimateInputTokens(candidates[0], MAX_OUTPUT_TOKENS) + MAX_OUTPUT_TOKENS;
    expect(await auditedFigures(wallet)).toMatchObject({ consumed: charged, reserved: 0, in_flight: 0 });
  });
});
