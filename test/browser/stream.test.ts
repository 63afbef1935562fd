import { afterEach, describe, expect, inject, it } from 'vitest';
import { registerSomebody } from '../support/demo.ts';
import { setFault } from '../support/simulators.ts';
import { balanceOf, browserForTests, expectAccessible, originOf } from './browser-session.ts';

const { port, simulatorOrigin } = inject('stack');
const { openWith, complaints } = browserForTests();
afterEach(() => setFault(simulatorOrigin, 'all', 'none'));

async function ask(prompt: string) {
  const somebody = await registerSomebody(port, 'acme.localhost');
  const page = await openWith(somebody, `${originOf('acme')}/playground`);
  const before = await balanceOf(page);
  await page.getByLabel('Prompt', { exact: true }).fill(prompt);
  await page.getByRole('button', { name: 'Run' }).click();
  return { page, before, conversation: page.getByRole('log', { name: 'Conversation' }) };
}

describe('An answer in the playground', () => {
  it('is read while it is given, and ends with what it cost', async () => {
    await setFault(simulatorOrigin, 'all', 'slow', { delay_ms: 60 });
    const { page, conversation } = await ask('Tell me slowly');
    await conversation.getByText('Here is how').waitFor();
    expect(await page.getByTestId('answer').count()).toBe(0);
    await expectAccessible(page, 'while an answer is given');
    await page
      .getByTestId('answer')
      .getByText(/\d+ credits/)
      .waitFor();
    expect(complaints()).toEqual([]);
  });

  it('can be stopped: what was said stays, nothing stays held, and it is charged', async () => {
    await setFault(simulatorOrigin, 'all', 'slow', { delay_ms: 60 });
    const { page, conversation, before } = await ask('Stop me');
    await conversation.getByText('Here is how').waitFor();
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await conversation.getByText('You stopped this answer.', { exact: false }).waitFor();
    expect(await conversation.getByText('Here is how').isVisible()).toBe(true);
    await page.getByRole('button', { name: 'Run' }).waitFor();
    await expect.poll(() => balanceOf(page), { timeout: 20_000 }).toBeGreaterThan(before - 1_000);
    expect(await balanceOf(page)).toBeLessThan(before);
    await conversation.getByText(/It cost [\d,]+ tokens\./).waitFor();
  });

  it('that breaks off says so, and costs nothing', async () => {
    await setFault(simulatorOrigin, 'all', 'reset_mid_stream');
    const { page, conversation, before } = await ask('Break off');
    await conversation.getByText('failed in the middle of the answer', { exact: false }).waitFor();
    await expect.poll(() => balanceOf(page)).toBe(before);
  });
});
