import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { KEEP_ALIVE_MS } from '../../dev/ports.ts';
import { ANSWER_TEXT, readModel } from '../models.ts';

/**
 * A provider that answers at once and always the same, in OpenAI's API: whole, or as server-sent events. A process of its own,
 * started with `fork`: it sends its port.
 */

const usage = { prompt_tokens: 12, completion_tokens: 10, total_tokens: 22 };
const head = { id: 'chatcmpl-bench', created: 1_790_000_000, model: 'bench' };

const wholeAnswer = Buffer.from(
  JSON.stringify({
    ...head,
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: ANSWER_TEXT, refusal: null },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage,
  }),
);

const frame = (fields: Record<string, unknown>) =>
  `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', ...fields })}\n\n`;
const choice = (delta: Record<string, unknown>, finish_reason: string | null) => ({
  choices: [{ index: 0, delta, logprobs: null, finish_reason }],
});

const firstFrame = frame(choice({ role: 'assistant', content: ANSWER_TEXT, refusal: null }, null));
const nextFrame = frame(choice({ content: ANSWER_TEXT }, null));
const lastFrames = [frame(choice({}, 'stop')), frame({ choices: [], usage }), 'data: [DONE]\n\n'].join('');
const shortStream = Buffer.from(firstFrame + lastFrames);

async function writeFrames(response: ServerResponse, frames: number, pauseMs: number): Promise<void> {
  response.write(firstFrame);
  for (let sent = 1; sent < frames; sent++) {
    if (pauseMs > 0) await sleep(pauseMs);
    response.write(nextFrame);
  }
  response.end(lastFrames);
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString('latin1');
  if (!/"stream":\s*true/.test(body)) {
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': wholeAnswer.length })
      .end(wholeAnswer);
    return;
  }
  const { frames, pause_ms } = readModel(body);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  if (frames === 1) response.end(shortStream);
  else await writeFrames(response, frames, pause_ms);
}

const server = createServer((request, response) => {
  answer(request, response).catch(() => response.destroy());
});
server.keepAliveTimeout = KEEP_ALIVE_MS;
server.listen(0, '127.0.0.1', 1_024, () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : null });
});
process.once('disconnect', () => process.exit(0));
