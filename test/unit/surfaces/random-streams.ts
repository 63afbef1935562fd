import fc from 'fast-check';
import type { CreateExecutionResponse } from '../../../contracts/api/executions.ts';
import type { ChatLiveEvent } from '../../../worker/executions/chat-task.ts';
import { appendEvent, emptyCompletion } from '../../../worker/providers/chat/collect.ts';
import { finished, finishedExecution } from './finished-execution.ts';

type Piece = Exclude<ChatLiveEvent, { type: 'finished' | 'error' }>;

const call = fc.record({
  name: fc.stringMatching(/^[a-z_]{1,10}$/),
  arguments: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.oneof(fc.string(), fc.integer())),
  piece_length: fc.integer({ min: 1, max: 9 }),
});

const piecesOf = (text: string, length: number) => text.match(new RegExp(`.{1,${length}}`, 'gsu')) ?? [];

const eventsOf = (calls: { name: string; arguments: object; piece_length: number }[]): Piece[] =>
  calls.flatMap(({ name, arguments: value, piece_length }, index) => [
    { type: 'tool_call', index, id: `call_${index}`, name },
    ...piecesOf(JSON.stringify(value), piece_length).map(
      (json): Piece => ({ type: 'tool_arguments', index, json }),
    ),
  ]);

const said: fc.Arbitrary<Piece> = fc.oneof(
  fc.record({ type: fc.constant('text' as const), text: fc.string({ minLength: 1 }) }),
  fc.record({ type: fc.constant('reasoning' as const), text: fc.string({ minLength: 1 }) }),
);

/** Any stream that a provider can send, of texts, thoughts and calls, with the execution that it results in. */
export const randomStream: fc.Arbitrary<{ events: ChatLiveEvent[]; execution: CreateExecutionResponse }> = fc
  .record({
    before: fc.array(said, { maxLength: 6 }),
    calls: fc.array(call, { maxLength: 3 }),
    between: fc.array(said, { maxLength: 3 }),
    finish_reason: fc.constantFrom('stop', 'length', 'content_filter', 'tool_calls'),
  })
  .map(({ before, calls, between, finish_reason }) => {
    const pieces = [...before, ...eventsOf(calls.slice(0, 1)), ...between];
    const rest = eventsOf(calls).slice(eventsOf(calls.slice(0, 1)).length);
    const events = [...pieces, ...rest];
    const { text, tool_calls } = events.reduce(appendEvent, emptyCompletion);
    const fields = { output_text: text, tool_calls, finish_reason };
    return { events: [...events, finished(fields)], execution: finishedExecution(fields) };
  });
