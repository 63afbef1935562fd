import { once } from 'node:events';
import type { Server } from 'node:http';
import { KEEP_ALIVE_MS } from '../ports.ts';

/** Lets a server listen on this machine. Returns its address, and a function that closes it with its connections. */
export async function listenLocally(
  server: Server,
  port: number,
): Promise<{ origin: string; port: number; stop(): Promise<void> }> {
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    port: address.port,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
