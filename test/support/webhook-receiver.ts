import type { ReceivedWebhook } from '../../dev/simulators/webhooks/receiver.ts';

/** The simulated receiver of webhooks (docs/simulators.md), under one name. */
export function openReceiver(simulatorOrigin: string, name: string) {
  const control = `${simulatorOrigin}/_control/webhooks/${name}`;
  return {
    url: `${simulatorOrigin}/webhooks/${name}`,
    received: async (): Promise<ReceivedWebhook[]> =>
      ((await (await fetch(control)).json()) as { received: ReceivedWebhook[] }).received,
    behave: async (mode: ReceivedWebhook['answered'], remaining?: number): Promise<void> => {
      const answer = await fetch(control, { method: 'PUT', body: JSON.stringify({ mode, remaining }) });
      if (!answer.ok) throw new Error(`The receiver refuses: ${await answer.text()}`);
    },
  };
}
