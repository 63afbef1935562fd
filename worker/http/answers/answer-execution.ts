import type { Execution } from '../../../contracts/api/executions.ts';
import type { Usage } from '../../../contracts/usage.ts';
import { runWhole } from '../../executions/background/start.ts';
import { beginExecution, type ExecutionRequest, type ReservedExecution } from '../../executions/begin.ts';
import { type Chat, type ChatLiveEvent, piecesOf } from '../../executions/chat-task.ts';
import type { ExecutionFailure } from '../../executions/failure.ts';
import type { Plan } from '../../executions/plan.ts';
import { ExecutionRun } from '../../executions/run.ts';
import type { Executed, ResponseOf } from '../../executions/task.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import type { PrincipalEnv, RequestContext } from '../app-env.ts';
import { dependenciesOf } from '../dependencies-of.ts';
import { eventStream } from './event-stream.ts';
import {
  cacheChoiceOf,
  cacheHeader,
  describeFinished,
  executionProblem,
  FITTED_HEADER,
  setHeaders,
} from './execution-headers.ts';
import { limitHeaders } from './limit-headers.ts';

type Context = RequestContext & { var: PrincipalEnv['Variables'] };
type ChatResponse = ResponseOf<Chat>;

/**
 * Time in which a stream can fail with an HTTP status, at which SDKs try again. After that the answer begins, and a failure is an event
 * of it. Longer than most failures take, and shorter than clients and proxies wait for headers: 25 s is the least that is common.
 */
const STATUS_PATIENCE_MS = 15_000;

/** A stream, for its encoder. */
type StreamedAnswer = {
  execution_id: string;
  started_at_ms: number;
  /** The public name of the model that answers. */
  model: string;
  /** Estimates the usage of the prompt, for one that a provider has not told. */
  promptUsage: () => Usage;
};

/** The shape in which one API answers. */
export type Surface = {
  /** True if the client asked for server-sent events. */
  stream: boolean;
  /** True if the API has an event for reasoning. */
  streams_reasoning: boolean;
  /** Text that keeps a silent stream alive, if the API has an event for that. */
  keep_alive?: string;
  /** Headers of its streams, if they are no server-sent events. */
  stream_headers?: Record<string, string>;
  /** Returns the encoder of one stream. An event that the API has no form for is encoded as an empty text. */
  encoderFor(about: StreamedAnswer): { encode(event: ChatLiveEvent): string };
  /** Answers with a finished execution. */
  answer(response: ChatResponse): Response;
  /** Answers with a failure in another way than {@link executionProblem}; null if it does not. */
  refuse?(failure: ExecutionFailure): Promise<Response | null>;
  /** Absent in an API that does not know executions in the background. */
  background?: { runs: boolean; falls_back: boolean; accepted(execution: Execution): Response };
};

/**
 * Runs a request and answers in the shape of its API: in one piece, as a stream, from the background, or by repeating the answer of an
 * Idempotency-Key. Runs on if the client leaves, since the platform would otherwise stop it between reservation and settlement.
 */
export function answerExecution(
  c: Context,
  request: ExecutionRequest<Chat>,
  surface: Surface,
): Promise<Response> {
  const work = answer(c, request, surface);
  c.executionCtx.waitUntil(work.catch(() => undefined));
  return work;
}

async function answer(c: Context, request: ExecutionRequest<Chat>, surface: Surface): Promise<Response> {
  const deps = dependenciesOf(c);
  const cache = cacheChoiceOf(c);
  const begun = await beginExecution(deps, c.var.tenant, c.var.principal, { ...request, cache });
  if (!begun.ok) return (await surface.refuse?.(begun.failure)) ?? executionProblem(c, begun.failure);
  if (begun.value.is === 'repeated') return repeat(c, begun.value.response, surface);
  const { execution } = begun.value;
  setHeaders(c, {
    ...limitHeaders(execution.key_window),
    ...fittedHeaders(execution.plan),
    ...cacheHeader(execution, false),
  });
  if (surface.stream) return answerLive(c, deps, execution, surface);
  const { runs = false, falls_back = false } = surface.background ?? {};
  const how = { background: runs, falls_back };
  const ran = await runWhole(deps, c.var.tenant, execution, how, c.req.raw.signal);
  if (!ran.ok) return executionProblem(c, ran.failure);
  if (ran.value.is === 'finished') return answerWhole(c, ran.value.executed, surface);
  if (surface.background === undefined) throw new Error('This API does not know the background');
  return surface.background.accepted(ran.value.execution);
}

/** The headers of a request with more stop sequences than a provider takes, or for fewer tool calls than one can be kept to. */
function fittedHeaders({ task, candidates }: Plan<Chat>): Record<string, string> {
  const stops = task.stopsFitted?.(candidates) ?? null;
  const calls = task.callsFitted?.(candidates) ?? null;
  return {
    ...(stops !== null && { 'x-stop-sequences-fitted': String(stops) }),
    ...(calls !== null && { 'x-tool-calls-fitted': String(calls) }),
  };
}

/**
 * True if the output limit may be lowered to what the balance covers: as the request says (`x-fit-to-balance: false` refuses it), or else
 * as the tenant does.
 */
export function fitsToBalance({ req, var: { tenant } }: Pick<Context, 'req' | 'var'>): boolean {
  const asked = req.header('x-fit-to-balance')?.trim().toLowerCase();
  return asked === undefined ? tenant.fits_to_balance : asked !== 'false';
}

/** Answers with a finished execution. */
function answerWhole(c: Context, executed: Executed<Chat>, surface: Surface): Response {
  describeFinished(c, executed);
  return surface.answer(executed.response);
}

/** Answers with the response that was kept for an Idempotency-Key. */
function repeat(c: Context, response: ChatResponse, surface: Surface): Response {
  const { id: execution_id, created_at, status, model } = response;
  // The other APIs have no form for an execution whose client left before the end.
  if (status !== 'succeeded' && surface.background === undefined)
    return executionProblem(c, { code: 'execution_over', execution_id });
  const executed = { response, warning: null };
  if (!surface.stream) {
    c.header('idempotency-replayed', 'true');
    return answerWhole(c, executed, surface);
  }
  const encoder = surface.encoderFor({
    ...{ execution_id, model, started_at_ms: Date.parse(created_at) },
    promptUsage: () => response.usage ?? noUsage,
  });
  return eventStream(
    c,
    {
      headers: {
        'x-execution-id': execution_id,
        'idempotency-replayed': 'true',
        ...(response.response_cache !== null && { 'x-response-cache': 'hit' }),
        ...surface.stream_headers,
      },
    },
    async (writer) => {
      for (const piece of piecesOf(response)) await writer.send(encoder.encode(piece));
      await writer.send(encoder.encode({ type: 'finished', executed }));
    },
  );
}

const noUsage: Usage = {
  ...{ input_tokens: 0, cache_read_tokens: 0, cache_write_tokens: 0 },
  ...{ output_tokens: 0, reasoning_tokens: 0 },
};

/** The usage that the prompt of a plan probably has at its first candidate. */
function estimatedPrompt({ task, candidates: [first], max_output_tokens }: Plan<Chat>): Usage {
  const estimate = task.estimateInputTokens(first, max_output_tokens);
  return { ...noUsage, input_tokens: Math.min(estimate, first.input_tokens_bound) };
}

/** Answers with server-sent events. */
async function answerLive(
  c: Context,
  deps: Dependencies,
  execution: ReservedExecution<Chat>,
  { streams_reasoning, keep_alive, stream_headers, encoderFor }: Surface,
): Promise<Response> {
  const { id, started_at_ms, model: first } = execution.start;
  const run = new ExecutionRun(deps, execution, {
    clientGone: c.req.raw.signal,
    delivery: streams_reasoning ? 'live' : 'live_content',
  });
  const early = await Promise.race([
    run.begun(),
    new Promise<null>((resolve) => setTimeout(resolve, STATUS_PATIENCE_MS, null)),
  ]);
  if (early?.ok === false) return executionProblem(c, early.failure);
  const began = early === null ? null : await run.outcome();
  const model = began?.ok ? began.candidate.public_name : first;
  const { fitted, max_output_tokens } = execution.plan;
  const encoder = encoderFor({
    ...{ execution_id: id, model, started_at_ms },
    promptUsage: () => estimatedPrompt(execution.plan),
  });
  const headers = {
    'x-execution-id': id,
    ...limitHeaders(execution.key_window),
    ...fittedHeaders(execution.plan),
    ...cacheHeader(execution, began?.ok === true && 'hit' in began),
    ...(fitted && { [FITTED_HEADER]: String(max_output_tokens) }),
    ...stream_headers,
  };
  return eventStream(c, { headers, keep_alive }, (writer) =>
    run.deliver((event) => {
      const text = encoder.encode(event);
      return text === '' ? null : writer.send(text);
    }),
  );
}
