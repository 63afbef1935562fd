import type { Begun } from '../../executions/begin-execution.ts';
import type { ExecutionFailure } from '../../executions/failure.ts';
import { type LiveEvent, LiveExecution } from '../../executions/stream-execution.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import type { RequestContext } from '../app-env.ts';
import { eventStream } from './event-stream.ts';

/**
 * How long a stream may take to begin before its answer does. Until then a failure still has an HTTP status of its own; after
 * that it is told in-band.
 */
const STATUS_PATIENCE_MS = 2_000;

/** How one surface says things. */
type Surface = {
  headers: Record<string, string>;
  /** Whether it has a word for what a model thinks. */
  hears_reasoning: boolean;
  /** One event as server-sent events; empty when the surface has nothing to say of it. */
  encode: (event: LiveEvent) => string;
  refuse: (failure: ExecutionFailure) => Response;
};

/** Answers an execution as server-sent events, in the shape of one surface. */
export async function answerLive(
  c: RequestContext,
  deps: Dependencies,
  begun: Begun,
  { headers, hears_reasoning, encode, refuse }: Surface,
): Promise<Response> {
  const live = new LiveExecution(deps, begun, {
    clientGone: c.req.raw.signal,
    hearsReasoning: hears_reasoning,
  });
  const early = await Promise.race([
    live.begun(),
    new Promise<null>((resolve) => setTimeout(resolve, STATUS_PATIENCE_MS, null)),
  ]);
  if (early?.ok === false) return refuse(early.failure);
  return eventStream(c, { 'x-execution-id': begun.start.id, ...headers }, (writer) =>
    live.run((event) => {
      const text = encode(event);
      return text === '' ? Promise.resolve() : writer.send(text);
    }),
  );
}
