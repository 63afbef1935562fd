/** Sets a fault of the provider simulators; `none` clears it (docs/simulators.md). */
export async function setFault(
  simulatorOrigin: string,
  provider: string,
  mode: string,
  more: Record<string, unknown> = {},
): Promise<void> {
  const answer = await fetch(`${simulatorOrigin}/_control/faults`, {
    method: 'PUT',
    body: JSON.stringify({ provider, mode, ...more }),
  });
  if (!answer.ok) throw new Error(`The simulators refuse: ${await answer.text()}`);
}
