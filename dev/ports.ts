import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Keep-alive timeout of the local servers, in milliseconds. With Node's default of five seconds a connection is sometimes closed
 * just as a request is sent on it. Load balancers of real providers keep idle connections about as long as this.
 */
export const KEEP_ALIVE_MS = 300_000;

/** Returns a TCP port of 127.0.0.1 that is free at this moment. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  if (address === null || typeof address === 'string') throw new Error('The probe has no port');
  probe.close();
  await once(probe, 'close');
  return address.port;
}

/** Returns true if `port` of 127.0.0.1 is free. */
export async function isPortFree(port: number): Promise<boolean> {
  const probe = createServer().listen(port, '127.0.0.1');
  try {
    await once(probe, 'listening');
  } catch {
    return false;
  }
  probe.close();
  await once(probe, 'close');
  return true;
}
