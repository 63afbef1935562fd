import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { type ExecutionEvent, executionEvent } from '../../contracts/api/executions.ts';

export type StreamedRun = {
  status: number;
  headers: IncomingHttpHeaders;
  /** Milliseconds from the request to the headers; likewise to the first event. */
  headersAfterMs: number;
  firstEventAfterMs: number | null;
  events: ExecutionEvent[];
  /** The body of an answer that is not a stream. */
  body: ReturnType<typeof JSON.parse>;
};

export type StreamTarget = { port: number; host: string; token: string };

type StreamOptions = {
  headers?: Record<string, string>;
  /** Called with the number of events so far. `leave` closes the connection, like closing a tab. */
  onEvent?: (count: number, leave: () => void) => void;
};

/** Runs a prompt as a stream. Resolves when either side ends the connection. */
export function streamRun(
  { port, host, token }: StreamTarget,
  body: object,
  { headers = {}, onEvent = () => undefined }: StreamOptions = {},
): Promise<StreamedRun> {
  return new Promise((resolve, reject) => {
    const startedMs = performance.now();
    const outgoing = httpRequest({
      host: '127.0.0.1',
      port,
      path: '/api/ai/executions',
      method: 'POST',
      headers: {
        host: `${host}:${port}`,
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        ...headers,
      },
    });
    outgoing.on('error', reject);
    outgoing.once('response', (message) => {
      const run: StreamedRun = {
        status: message.statusCode ?? 0,
        headers: message.headers,
        headersAfterMs: performance.now() - startedMs,
        firstEventAfterMs: null,
        events: [],
        body: null,
      };
      let text = '';
      const readEvents = () => {
        // A comment between events has no blank line of its own.
        const blocks = text.replace(/^:.*\n/gm, '').split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks) {
          if (!block.startsWith('data: ')) continue;
          run.firstEventAfterMs ??= performance.now() - startedMs;
          run.events.push(executionEvent.parse(JSON.parse(block.slice('data: '.length))));
          onEvent(run.events.length, () => outgoing.destroy());
        }
      };
      const isStream = message.headers['content-type']?.startsWith('text/event-stream') === true;
      message.setEncoding('utf8').on('data', (piece) => {
        text += piece;
        if (isStream) readEvents();
      });
      const end = () => resolve(isStream ? run : { ...run, body: JSON.parse(text) });
      message.once('end', end);
      message.once('error', end);
    });
    outgoing.end(JSON.stringify({ ...body, stream: true }));
  });
}
