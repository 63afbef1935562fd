import { once } from 'node:events';
import { createServer } from 'node:net';

/** A TCP port of 127.0.0.1 that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  if (address === null || typeof address === 'string') throw new Error('The probe has no port');
  probe.close();
  await once(probe, 'close');
  return address.port;
}

/** Whether `port` can be listened on, on every address. */
export async function isPortFree(port: number): Promise<boolean> {
  const probe = createServer().listen(port);
  const free = await Promise.race([
    once(probe, 'listening').then(() => true),
    once(probe, 'error').then(() => false),
  ]);
  probe.close();
  return free;
}
