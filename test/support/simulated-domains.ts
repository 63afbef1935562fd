/** Sets the simulated DNS and the simulated Cloudflare of a stack (docs/simulators.md). */

type Control = (path: string, body: object) => Promise<void>;

const controlOf =
  (simulatorOrigin: string): Control =>
  async (path, body) => {
    const answer = await fetch(`${simulatorOrigin}/_control/${path}`, {
      method: 'PUT',
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`The simulators refuse: ${await answer.text()}`);
  };

type Record = { type: string; name: string; value: string };

export function simulatedDomains(simulatorOrigin: string) {
  const control = controlOf(simulatorOrigin);
  const setValues = (type: string, name: string, values: string[]) => control('dns', { type, name, values });
  return {
    set: ({ type, name, value }: Record) => setValues(type, name, [value]),
    setValues,
    clear: ({ type, name }: Omit<Record, 'value'>) => setValues(type, name, []),
    /** Makes the resolver answer by its records (`none`), not know (`servfail`) or not answer (`hang`). */
    setResolver: (mode: 'none' | 'servfail' | 'hang') => control('resolver', { mode }),
    setFault: (mode: string, more: object = {}) => control('cloudflare', { mode, ...more }),
    setHostname: (hostname: string, change: object) => control(`custom-hostnames/${hostname}`, change),
    /** Returns the hostnames that the simulated Cloudflare has. */
    async hostnames(): Promise<string[]> {
      const answer = await fetch(`${simulatorOrigin}/_control/domains`);
      const { custom_hostnames } = (await answer.json()) as { custom_hostnames: { hostname: string }[] };
      return custom_hostnames.map(({ hostname }) => hostname);
    },
  };
}
