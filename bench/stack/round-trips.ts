import { z } from 'zod';

const statistics = z.object({ round_trips: z.record(z.string(), z.number()) });

/** Returns the round trips of the Worker to the database since the last call, by requests and queues. */
export async function takeRoundTrips(gatewayPort: number): Promise<number> {
  const origin = `http://127.0.0.1:${gatewayPort}`;
  const { round_trips } = statistics.parse(await (await fetch(`${origin}/_stats`)).json());
  await fetch(`${origin}/_stats/reset`, { method: 'POST' });
  return (round_trips['vanilla-request'] ?? 0) + (round_trips['vanilla-queue'] ?? 0);
}
