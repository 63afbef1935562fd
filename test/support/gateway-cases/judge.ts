import { valueAt } from '../../../dev/simulators/script.ts';
import type { Bound, Right, ToolCall } from './case.ts';
import type { Said } from './observed.ts';

/** The outcome of a case. */
export type Outcome = Said & {
  charged: number;
  usage_source: string | null;
  /** The bodies that reached the provider. */
  bodies: unknown[];
};

const within = (value: number | null, bound: Bound): boolean => {
  if (value === null) return false;
  const { min = -Infinity, max = Infinity } = typeof bound === 'number' ? { min: bound, max: bound } : bound;
  return min <= value && value <= max;
};

/** Returns the fields of a call that are required. */
const like = (call: ToolCall | undefined, required: ToolCall) =>
  Object.fromEntries(Object.keys(required).map((name) => [name, call?.[name as keyof ToolCall]]));

function upstreamFaults({ bodies }: Outcome, required: NonNullable<Right['upstream']>): string[] {
  const body = bodies.at(-1);
  const at = (path: string) => valueAt(body, path) ?? null;
  const { present = [], absent = [], contains = {} } = required;
  return [
    ...present.filter((path) => at(path) === null).map((path) => `${path} did not reach the provider`),
    ...absent.filter((path) => at(path) !== null).map((path) => `${path} reached the provider`),
    ...Object.entries(contains)
      .filter(([path, text]) => !JSON.stringify(at(path)).includes(text))
      .map(([path, text]) => `${path} at the provider is ${JSON.stringify(at(path))}, not ${text}`),
  ];
}

/** Returns how the outcome differs from a right one; empty when it does not. */
export function differences(outcome: Outcome, right: Right): string[] {
  const faults: string[] = [];
  const same = (name: string, found: unknown, required: unknown) => {
    if (required !== undefined && JSON.stringify(found) !== JSON.stringify(required))
      faults.push(`${name} is ${JSON.stringify(found)}, not ${JSON.stringify(required)}`);
  };
  const bounded = (name: string, found: number | null, bound: Bound | undefined) => {
    if (bound !== undefined && !within(found, bound))
      faults.push(`${name} is ${found}, not ${JSON.stringify(bound)}`);
  };
  const fails = right.error_code !== undefined || right.error_says !== undefined;
  // An error of a stream is told as a status, or after the status 200 within the stream.
  if (right.status !== undefined || !fails) same('status', outcome.status, right.status ?? 200);
  if (outcome.streamed) same('done', outcome.done, right.done ?? !fails);
  same('events without data', outcome.events_without_data, 0);
  if (!fails) same('error', outcome.error_text, '');
  for (const name of [
    'error_code',
    'text',
    'reasoning',
    'finish_reason',
    'stop_sequence',
    'input_tokens_at_start',
    'usage_source',
    'raw_separators',
  ] as const)
    same(name, outcome[name], right[name]);
  for (const text of right.error_says ?? [])
    if (!outcome.error_text.includes(text)) faults.push(`the error does not say ${text}`);
  if (right.tool_calls !== undefined) {
    same('number of calls', outcome.tool_calls.length, right.tool_calls.length);
    right.tool_calls.forEach((call, place) => {
      same(`call ${place}`, like(outcome.tool_calls[place], call), like(call, call));
    });
  }
  if (right.arguments_text !== undefined && !outcome.arguments_texts[0]?.includes(right.arguments_text))
    faults.push(`the arguments are ${outcome.arguments_texts[0]}, without ${right.arguments_text}`);
  bounded('Retry-After', outcome.retry_after_s, right.retry_after_s);
  bounded('charged', outcome.charged, right.charged);
  bounded('number of requests to the provider', outcome.bodies.length, right.calls);
  if (right.upstream !== undefined) faults.push(...upstreamFaults(outcome, right.upstream));
  return faults;
}

/** Returns nothing for an outcome that is right, else a description: how it differs from each right one, and what was said. */
export function judge(outcome: Outcome, right: Right | Right[]): string | null {
  const found = [right].flat().map((one) => differences(outcome, one));
  if (found.some((faults) => faults.length === 0)) return null;
  const { bodies, ...said } = outcome;
  const ways = found.map((faults) => faults.join('; ')).join('\n or: ');
  return `${ways}\nanswer: ${JSON.stringify(said).slice(0, 1_500)}\nprovider was sent: ${JSON.stringify(bodies.at(-1))?.slice(0, 600)}`;
}
