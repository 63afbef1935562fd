import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A proxy in front of a provider, which can be taken off the network and put back. */
export type ProviderDoor = {
  origin: string;
  /** Refuses new connections. Answers in progress are completed. */
  shut(): void;
  /** Refuses new connections, and cuts the open ones in the middle of their answers. */
  tearDown(): void;
  /** Accepts connections again, at the same address. */
  open(): Promise<void>;
};

/** Starts the proxy. It forwards each request over a new connection, so that no connection outlives the proxy. */
export async function openDoor(to: string): Promise<ProviderDoor> {
  const server = createServer((incoming, response) => {
    const { method, headers } = incoming;
    const onward = request(new URL(incoming.url ?? '/', to), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, { ...answer.headers, connection: 'close' });
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  const listen = (port: number) => once(server.listen(port, '127.0.0.1'), 'listening');
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    shut: () => {
      server.close();
    },
    tearDown: () => {
      server.close();
      server.closeAllConnections();
    },
    open: async () => {
      await listen(port);
    },
  };
}
