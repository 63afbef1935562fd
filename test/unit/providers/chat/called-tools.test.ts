import { describe, expect, it } from 'vitest';
import type { ToolCall } from '../../../../contracts/chat/chat.ts';
import { keptOutput } from '../../../../contracts/execution-job.ts';
import { readMessage } from '../../../../worker/providers/anthropic/answer.ts';
import { readMessageStream } from '../../../../worker/providers/anthropic/stream.ts';
import { readContent } from '../../../../worker/providers/google/answer.ts';
import { readContentStream } from '../../../../worker/providers/google/stream.ts';
import { readChatCompletion } from '../../../../worker/providers/openai/answer.ts';
import { readChatStream } from '../../../../worker/providers/openai/stream.ts';
import type { ProviderResult, StreamEvent } from '../../../../worker/providers/provider.ts';
import type { ServerSentEvent } from '../../../../worker/providers/transport/server-sent-events.ts';
import type { StreamReader } from '../../../../worker/providers/transport/stream-reader.ts';

type Named = { id: string; name: string };
/** What a model calls, as one reader hears it: the call, or the kind of failure. */
type Hearing = (call: Named) => Pick<ToolCall, 'id' | 'name'> | string | undefined;

const whole =
  (read: (body: unknown) => ProviderResult, bodyOf: (call: Named) => unknown): Hearing =>
  (call) => {
    const result = read(bodyOf(call));
    return result.ok ? result.completion.tool_calls[0] : result.failure.kind;
  };

const heardIn = (event: StreamEvent | undefined) => {
  if (event?.type === 'failed') return event.failure.kind;
  return event?.type === 'tool_call' ? event : undefined;
};
const streamed =
  (read: () => StreamReader<ServerSentEvent>, dataOf: (call: Named) => unknown): Hearing =>
  (call) =>
    heardIn(read().read({ event: 'content_block_start', data: JSON.stringify(dataOf(call)) })[0]);

const openAiCall = ({ id, name }: Named) => ({ index: 0, id, function: { name, arguments: '{}' } });
const googleBody = (functionCall: Named) => ({
  candidates: [{ content: { parts: [{ functionCall: { ...functionCall, args: {} } }] } }],
});

describe.each<[string, Hearing]>([
  [
    'OpenAI, in one piece',
    whole(readChatCompletion, (call) => ({
      choices: [{ message: { tool_calls: [openAiCall(call)] }, finish_reason: 'tool_calls' }],
    })),
  ],
  [
    'OpenAI, streamed',
    streamed(readChatStream, (call) => ({
      choices: [{ index: 0, delta: { tool_calls: [openAiCall(call)] } }],
    })),
  ],
  [
    'Anthropic, in one piece',
    whole(readMessage, (call) => ({ content: [{ type: 'tool_use', input: {}, ...call }] })),
  ],
  [
    'Anthropic, streamed',
    streamed(readMessageStream, (call) => ({
      type: 'content_block_start',
      index: 0,
      content_block: { type: 'tool_use', input: {}, ...call },
    })),
  ],
  ['Google, in one piece', whole(readContent, googleBody)],
  ['Google, streamed', streamed(readContentStream, googleBody)],
])('a tool called by a model of %s', (_, hear) => {
  const longest = { id: `call_${'s'.repeat(65_531)}`, name: 'n'.repeat(1_024) };

  it('is heard with an id of kilobytes, as servers make that put a signature into it', () => {
    expect(hear(longest)).toMatchObject(longest);
  });

  it('can be kept and read back, however long its id, its name and its arguments are', () => {
    const answer = { text: '', tool_calls: [{ ...longest, arguments: ' '.repeat(16 * 1_024 * 1_024) }] };
    const output = { background: null, attempts: [], settlement: null, answer };
    expect(keptOutput.parse(output)).toEqual(output);
  });

  it.each([
    ['an id that is longer', { ...longest, id: `${longest.id}s` }],
    ['a name that is longer', { ...longest, name: `${longest.name}n` }],
  ])('is a broken answer with %s: nothing of it is charged', (_what, call) => {
    expect(hear(call)).toBe('invalid_response');
  });
});
