import { createServer, request } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { listenLocally } from '../dev/simulators/local-server.ts';

/**
 * Starts a server on 127.0.0.1 that forwards everything to a tenant's hostname on the local stack. It stands in for DNS: clients cannot
 * be told to resolve `*.localhost`.
 */
export function openDoor(port: number, hostname: string): Promise<{ origin: string; stop(): Promise<void> }> {
  const server = createServer((incoming, response) => {
    const { method, url, headers } = incoming;
    const host = `${hostname}:${port}`;
    const outgoing = request({ host: '127.0.0.1', port, method, path: url, headers: { ...headers, host } });
    const abort = () => void response.destroy();
    outgoing.once('error', abort);
    response.once('close', () => outgoing.destroy());
    outgoing.once('response', (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      response.flushHeaders();
      pipeline(answer, response).catch(abort);
    });
    pipeline(incoming, outgoing).catch(abort);
  });
  return listenLocally(server, 0);
}
