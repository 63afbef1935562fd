import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * How long our servers keep an idle connection. Node's five seconds would now and then end one in the instant in which a request is
 * sent on it; the load balancers of real providers are as patient as this.
 */
export const KEEP_ALIVE_MS = 300_000;

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

/** Whether `port` of 127.0.0.1 can be listened on. */
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
