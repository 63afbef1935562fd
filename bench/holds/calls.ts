import { setTimeout as sleep } from 'node:timers/promises';
import type { ScriptedAnswer } from '../../dev/simulators/script.ts';
import { ACME } from '../../test/support/catalog.ts';
import { type Client, eventually } from '../../test/support/demo.ts';
import { says } from '../../test/support/gateway-cases/case.ts';
import { openGateway, type ScriptedGateway } from '../../test/support/gateway-cases/gateway.ts';
import { startTestStack } from '../../test/support/stack.ts';
import { streamRun } from '../../test/support/streams.ts';
import { type Figure, ratio } from './figure.ts';

/** Calls that a balance pays for, measured on the local stack with a provider that says what a script says. */

/** Null takes the limit out of a request. */
const NO_LIMIT = { max_completion_tokens: null };

const restingWallet = (user: Client) =>
  eventually(
    async () => (await user.get('/api/wallet')).body,
    ({ in_flight }) => in_flight === 0,
    60_000,
  );

async function newUser(gateway: ScriptedGateway): Promise<Figure> {
  const { public_name } = await gateway.serve({ answers: [says('Hi', [8, 10])] }, { more: LONG_ANSWERS });
  const user = await gateway.user(50_000);
  const { status, headers } = await gateway.chat(user.token, public_name, { max_completion_tokens: 64_000 });
  return {
    name: 'A new user with 50,000 tokens says "Hello", limit 64,000',
    measured: `${status}, charged ${headers['x-wallet-tokens-charged']}`,
    target: '200',
    isMet: status === 200,
  };
}

const LONG_ANSWERS = { max_output_tokens: 64_000 };

async function parallelCalls(gateway: ScriptedGateway): Promise<Figure> {
  const answers = [says('x', [50, 100], { delay_ms: 1_000 })];
  const { public_name } = await gateway.serve({ answers }, { more: LONG_ANSWERS });
  const user = await gateway.user(50_000);
  const sent = Array.from({ length: 8 }, () => gateway.chat(user.token, public_name, NO_LIMIT));
  const served = (await Promise.all(sent)).filter(({ status }) => status === 200).length;
  const { consumed } = await restingWallet(user);
  return {
    name: 'Eight parallel calls with defaults, of 450 each, with 50,000 tokens',
    measured: `${served} served, charged ${consumed}`,
    target: '8 served',
    isMet: served === 8,
  };
}

async function lastSixth(gateway: ScriptedGateway): Promise<Figure> {
  const { public_name } = await gateway.serve({ answers: [says('x', [10, 20])] }, { model: 'gpt-5.4-mini' });
  const sixth = Math.floor(50_000 / 6);
  const user = await gateway.user(sixth);
  // Every call costs 90.
  for (let call = 0; call < sixth / 90 + 1; call += 1) {
    const options = { ...NO_LIMIT, reasoning_effort: 'none' };
    if ((await gateway.chat(user.token, public_name, options)).status !== 200) break;
  }
  const { consumed } = await restingWallet(user);
  return ratio('The last sixth of a free wallet: spent, of it', consumed, sixth, { least: 0.95, most: 1 });
}

const chunk = (content: string) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content } }] })}\n\n`;

/** Words of one token each that are said before the client leaves. */
const SAID = 200;

async function stoppedStream(gateway: ScriptedGateway, port: number): Promise<Figure> {
  const prompt = 'The quick brown fox jumps over the lazy dog. '.repeat(90);
  const chunks = [...Array.from({ length: SAID }, () => chunk(' word')), 60_000];
  const answers: ScriptedAnswer[] = [{ when: { stream: true }, chunks, end: 'never' }];
  const { public_name } = await gateway.serve({ answers });
  const user = await gateway.user(100_000);
  const body = { model: public_name, prompt, max_output_tokens: 1_000 };
  let events = 0;
  const target = { port, host: ACME, token: user.token };
  await streamRun(target, body, {
    onEvent: (count, leave) => {
      if (events === 0) void sleep(1_000).then(leave);
      events = count;
    },
  });
  const { consumed } = await restingWallet(user);
  // The provider bills 908 tokens of input and those that it said.
  return ratio('A stopped stream: charged, of what the provider bills', consumed, 908 + SAID * 4, {
    most: 1.2,
  });
}

/** Starts the local stack, measures, and stops it. */
export async function callFigures(): Promise<Figure[]> {
  const stack = await startTestStack();
  try {
    const gateway = await openGateway(stack);
    try {
      return [
        await newUser(gateway),
        await parallelCalls(gateway),
        await lastSixth(gateway),
        await stoppedStream(gateway, stack.port),
      ];
    } finally {
      await gateway.stop();
    }
  } finally {
    await stack.stop();
  }
}
