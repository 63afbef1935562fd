import Bowser from 'bowser';

/** Names the browser and the system of a `User-Agent`, such as “Firefox on Linux”; a program by its own name. */
export function deviceOf(agent: string | null): string {
  if (agent === null) return 'Unknown device';
  const parser = Bowser.getParser(agent);
  const browser = parser.getBrowserName();
  const system = parser.getOSName();
  if (browser === '' || system === '') return agent.split(/[ /]/, 1)[0] || 'Unknown device';
  return `${browser} on ${system}`;
}
