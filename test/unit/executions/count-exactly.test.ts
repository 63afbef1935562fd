import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ChatOptions } from '../../../contracts/chat/chat.ts';
import { simulatedApis } from '../../../dev/simulators/apis.ts';
import { startSimulators } from '../../../dev/simulators/server.ts';
import { chatTask } from '../../../worker/executions/chat-task.ts';
import { setFault } from '../../support/simulators.ts';
import { pdf, say } from '../providers/wire-cases.ts';
import { candidate, price } from './candidate.ts';

/** The count that a client asks for: by the provider, else by a tokenizer. */

let simulators: Awaited<ReturnType<typeof startSimulators>>;
beforeAll(async () => {
  simulators = await startSimulators();
});
afterAll(() => simulators.stop());

const count = (chat: ChatOptions) => {
  const base_url = `${simulators.origin}${simulatedApis.anthropic.base_path}`;
  const credential = { kind: 'anthropic' as const, base_url, secret: 'key' };
  const claude = candidate({ provider_model: 'claude-haiku-4-5' }, { kind: 'anthropic' });
  return chatTask({ model: 'auto', chat }).countExactly({ ...claude, price, credential });
};
const chat: ChatOptions = { messages: say(['user', 'How do I bake bread?']) };

it('is the provider’s, also with a budget of thinking beyond the limit of a short answer', async () => {
  const counted = await count({ ...chat, reasoning: { mode: 'enabled', budget_tokens: 2_000 } });
  expect(counted).toEqual({ tokens: 9, source: 'provider' });
});

it('is a tokenizer’s if the provider cannot be asked, and none of a PDF', async () => {
  await setFault(simulators.origin, 'anthropic', 'not_found', { requests: 'count' });
  const counted = await count(chat);
  expect(counted?.source).toBe('tokenizer');
  expect(counted?.tokens).toBeGreaterThan(5);
  expect(await count({ messages: [{ role: 'user', content: [pdf()] }] })).toBeNull();
});
