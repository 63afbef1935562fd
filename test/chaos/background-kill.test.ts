import { expect, it } from 'vitest';
import { eventually, faultsOf, ledgerOf, registerSomebody } from '../support/demo.ts';
import { setFault } from '../support/simulators.ts';
import { startTestStack } from '../support/stack.ts';

const ACME = 'acme.localhost';

it('a power cut that loses the queue charges nothing: the tokens stay held until their hour ends, or it is cancelled', async () => {
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
