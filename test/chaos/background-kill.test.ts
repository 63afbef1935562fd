import { expect, it } from 'vitest';
import { eventually, faultsOf, ledgerOf, registerSomebody } from '../support/demo.ts';
import { setFault } from '../support/simulators.ts';
import { startTestStack } from '../support/stack.ts';

const ACME = 'acme.localhost';

it('a power cut between two attempts charges nothing: the tokens stay held, and the execution can be cancelled', async () => {
  let stack = await startTestStack();
  try {
    const { port, dataFolder } = stack;
    const user = await registerSomebody(port, ACME);
    await setFault(stack.simulatorOrigin, 'openai', 'rate_limited', { retry_after_s: 120 });
    const body = { model: 'gpt-5.4-mini', prompt: 'Hello', background: true };
    const answer = await user.post('/api/ai/executions', body);
    const location = answer.headers.location ?? '';
    await eventually(
      async () => (await user.get(location)).body,
      ({ attempts }) => attempts.length === 1,
    );
    await stack.kill9();
    stack = await startTestStack({ port, dataFolder });
    expect((await user.get(location)).body).toMatchObject({ status: 'running', tokens_charged: 0 });
    const { reserved } = (await user.get('/api/wallet')).body;
    expect(reserved).toBe(answer.body.tokens_reserved);
    expect(await user.post(`${location}/cancel`)).toMatchObject({
      status: 200,
      body: { status: 'cancelled' },
    });
    const { seq } = (await user.get('/api/wallet')).body;
    const rows = await eventually(
      () => ledgerOf(stack.ownerUrl, user),
      (found) => found.length === seq,
    );
    expect(faultsOf(rows, user)).toEqual([]);
    expect(rows.map(({ kind }) => kind)).toEqual(['allocation', 'reserve', 'release']);
  } finally {
    await stack.stop();
  }
}, 300_000);

it('a power cut during an attempt is followed by another one, and the execution is charged once', async () => {
  let stack = await startTestStack();
  try {
    const { port, dataFolder } = stack;
    const user = await registerSomebody(port, ACME);
    await setFault(stack.simulatorOrigin, 'openai', 'slow', { delay_ms: 1_000 });
    const answer = await user.post('/api/ai/executions', {
      ...{ model: 'gpt-5.4-mini', prompt: 'Hello', background: true },
    });
    const location = answer.headers.location ?? '';
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect((await user.get(location)).body).toMatchObject({ status: 'running', attempts: [] });
    await stack.kill9();
    stack = await startTestStack({ port, dataFolder });
    const done = await eventually(
      async () => (await user.get(location)).body,
      ({ status }) => status !== 'running',
      90_000,
    );
    expect(done).toMatchObject({ status: 'succeeded', usage_source: 'reported' });
    const { seq } = (await user.get('/api/wallet')).body;
    const rows = await eventually(
      () => ledgerOf(stack.ownerUrl, user),
      (found) => found.length === seq,
    );
    expect(faultsOf(rows, user)).toEqual([]);
    expect(rows.map(({ kind }) => kind)).toEqual(['allocation', 'reserve', 'debit']);
  } finally {
    await stack.stop();
  }
}, 300_000);
