import { expect } from 'vitest';
import type { ProviderKind } from '../../../contracts/usage.ts';
import { simulatedApis } from '../../../dev/simulators/apis.ts';
import { startSimulators } from '../../../dev/simulators/server.ts';
import type { ChatPiece } from '../../../worker/executions/chat-task.ts';
import { collectStream } from '../../../worker/providers/chat/collect-stream.ts';
import type { TaskEvent } from '../../../worker/providers/failover/task-stream.ts';
import type {
  NeutralRequest,
  ProviderTarget,
  StreamEvent,
  StreamPatience,
} from '../../../worker/providers/provider.ts';
import { providerClient } from '../../../worker/providers/provider-client.ts';
import { say } from './wire-cases.ts';

/** Kinds that differ in their wire formats, and take everything that a request can hold. */
export const kinds = ['openai', 'anthropic', 'google'] as const;
export type Kind = ProviderKind;

export const question: NeutralRequest = {
  model: 'any-model',
  messages: say(['system', 'Answer briefly.'], ['user', 'How do I bake bread?']),
  max_output_tokens: 500,
};

type Options = {
  target?: Partial<ProviderTarget>;
  request?: Partial<NeutralRequest>;
  signal?: AbortSignal;
  patience?: Partial<StreamPatience>;
};

/** The simulators, and ways to ask them through our adapters. */
export async function simulatedProviders() {
  const simulators = await startSimulators();
  const control = (path: string, init?: RequestInit) => fetch(`${simulators.origin}/_control/${path}`, init);
  const targetOf = (kind: Kind, changes: Partial<ProviderTarget> = {}): ProviderTarget => ({
    kind,
    base_url: `${simulators.origin}${simulatedApis[kind].base_path}`,
    secret: 'sk-test-1234567890',
    timeout_ms: 5_000,
    ...changes,
  });
  const signalOf = ({ signal }: Options) => signal ?? new AbortController().signal;

  const stream = (kind: Kind, options: Options = {}) =>
    providerClient(targetOf(kind, options.target)).stream(
      { ...question, ...options.request },
      signalOf(options),
      { first_event_timeout_ms: 5_000, idle_timeout_ms: 5_000, ...options.patience },
    );

  /** The collected answer of a stream, or its failure. */
  const ask = async (kind: Kind, options: Options = {}) =>
    collectStream(
      await stream(kind, options),
      options.request?.max_output_tokens ?? question.max_output_tokens,
    );

  return {
    ask,
    stream,
    stop: () => simulators.stop(),
    reset: () => control('reset', { method: 'POST' }),

    async completion(kind: Kind, options: Options = {}) {
      const result = await ask(kind, options);
      if (!result.ok) throw new Error(`It failed with: ${result.failure.message}`);
      return result.completion;
    },

    async failure(kind: Kind, options: Options = {}) {
      const result = await ask(kind, options);
      if (result.ok) throw new Error(`It succeeded with: ${result.completion.text}`);
      return result.failure;
    },

    /** All events of a stream that begins well. */
    async events(kind: Kind, options: Options = {}) {
      const start = await stream(kind, options);
      if (!start.ok) throw new Error(`It failed with: ${start.failure.message}`);
      const events: StreamEvent[] = [];
      for await (const event of start.events) events.push(event);
      return events;
    },

    /** The failure of a stream that does not begin. */
    async streamFailure(kind: Kind, options: Options = {}) {
      const start = await stream(kind, options);
      if (start.ok) throw new Error('The stream began');
      return start.failure;
    },

    async breakWith(fault: Record<string, unknown>): Promise<void> {
      const body = JSON.stringify({ provider: 'all', ...fault });
      expect((await control('faults', { method: 'PUT', body })).status).toBe(200);
    },

    async requestsArrived() {
      const answer = await control('requests');
      return (await answer.json()) as {
        total: number;
        in_progress: number;
        requests: { max_output_tokens: number; model: string; stream: boolean }[];
      };
    },
  };
}

/** The answer that a stream's events add up to, as if it had come in one piece. */
export function wholeOf(events: TaskEvent<ChatPiece>[]) {
  const text = events.map((event) => (event.type === 'text' ? event.text : '')).join('');
  const tool_calls = events.flatMap((call) =>
    call.type === 'tool_call'
      ? [
          {
            name: call.name,
            arguments: events
              .map((event) =>
                event.type === 'tool_arguments' && event.index === call.index ? event.json : '',
              )
              .join(''),
          },
        ]
      : [],
  );
  const end = events.at(-1);
  if (end?.type !== 'done') throw new Error(`The stream did not end well: ${JSON.stringify(end)}`);
  return { text, tool_calls, finish_reason: end.finish_reason, usage: end.usage };
}
