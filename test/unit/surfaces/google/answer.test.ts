import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type GenerateContentResponse,
  type GoogleAnswerPart,
  generateContentResponse,
} from '../../../../contracts/v1beta/generate-content-answer.ts';
import type { ChatLiveEvent } from '../../../../worker/executions/chat-task.ts';
import { contentOf } from '../../../../worker/surfaces/google/answer.ts';
import { googleErrorOf } from '../../../../worker/surfaces/google/error.ts';
import { carriedBy } from '../../../../worker/surfaces/google/signatures.ts';
import { ContentEncoder, type StreamForm } from '../../../../worker/surfaces/google/stream.ts';
import { finished, finishedExecution } from '../finished-execution.ts';
import { randomStream } from '../random-streams.ts';

const shown = { shows_thoughts: true };
const head = { execution_id: finishedExecution().id, model: 'auto', ...shown };

function bodyOf(events: ChatLiveEvent[], form: StreamForm, more: Partial<typeof head> = {}): string {
  const encoder = new ContentEncoder({ ...head, ...more }, form, ({ failure }) =>
    googleErrorOf({ error: { code: failure.code, message: 'It failed.', request_id: 'r' } }, 503),
  );
  return events.map((event) => encoder.encode(event)).join('');
}

const eventsIn = (body: string): GenerateContentResponse[] =>
  body
    .split('\r\n\r\n')
    .filter((event) => event !== '')
    .map((event) => JSON.parse(event.replace(/^data: /, '')));

const partsIn = (pieces: GenerateContentResponse[]) =>
  pieces.flatMap(({ candidates }) => candidates[0]?.content.parts ?? []);
const textOf = (parts: GoogleAnswerPart[]) =>
  parts.map(({ text, thought }) => (thought ? '' : (text ?? ''))).join('');
const callsOf = (parts: GoogleAnswerPart[]) => parts.flatMap(({ functionCall }) => functionCall ?? []);

describe('an answer', () => {
  it('has its text, its end and its usage', () => {
    expect(contentOf(finishedExecution(), shown)).toEqual({
      candidates: [
        { content: { parts: [{ text: 'Hello' }], role: 'model' }, finishReason: 'STOP', index: 0 },
      ],
      usageMetadata: {
        ...{ promptTokenCount: 15, cachedContentTokenCount: 3, candidatesTokenCount: 3 },
        ...{ thoughtsTokenCount: 4, totalTokenCount: 22 },
        promptTokensDetails: [{ modality: 'TEXT', tokenCount: 15 }],
      },
      modelVersion: 'auto',
      responseId: head.execution_id,
    });
  });

  it.each([
    ['stop', 'STOP'],
    ['tool_calls', 'STOP'],
    ['length', 'MAX_TOKENS'],
    ['content_filter', 'SAFETY'],
  ] as const)('that ended by %s says %s', (finish_reason, said) => {
    expect(contentOf(finishedExecution({ finish_reason }), shown).candidates[0]?.finishReason).toBe(said);
  });

  it('has thoughts only if they are asked for, and their signatures come back as they were', () => {
    const execution = finishedExecution({
      reasoning: [
        { text: 'Hm.', signature: 'sig' },
        { text: '', encrypted: 'enc' },
      ],
    });
    const parts = partsIn([contentOf(execution, shown)]);
    const [first, second, answer] = parts;
    expect([first?.text, first?.thought, second?.thought, answer]).toEqual([
      'Hm.',
      true,
      true,
      { text: 'Hello' },
    ]);
    expect(carriedBy(first?.thoughtSignature ?? '')).toEqual({ signature: 'sig' });
    expect(carriedBy(second?.thoughtSignature ?? '')).toEqual({ encrypted: 'enc' });
    expect(partsIn([contentOf(execution, { shows_thoughts: false })])).toEqual([{ text: 'Hello' }]);
  });

  it("has Google's signatures with its calls and after its text", () => {
    const signed = (thought_signature: string) => ({ google: { thought_signature } });
    const execution = finishedExecution({
      tool_calls: [{ id: 'c', name: 'f', arguments: '{"a":1}', extra_content: signed('b2Y=') }],
      extra_content: signed('dGV4dA=='),
    });
    expect(partsIn([contentOf(execution, shown)])).toEqual([
      { text: 'Hello' },
      { functionCall: { id: 'c', name: 'f', args: { a: 1 } }, thoughtSignature: 'b2Y=' },
      { text: '', thoughtSignature: 'dGV4dA==' },
    ]);
  });
});

describe('a stream', () => {
  it('is the same answer in pieces, as events and as one array', () => {
    fc.assert(
      fc.property(randomStream, ({ events, execution }) => {
        const whole = partsIn([contentOf(execution, shown)]);
        const pieces = eventsIn(bodyOf(events, 'sse'));
        for (const piece of pieces) expect(generateContentResponse.safeParse(piece).error).toBe(undefined);
        expect(JSON.parse(bodyOf(events, 'json'))).toEqual(pieces);
        expect(textOf(partsIn(pieces))).toBe(textOf(whole));
        expect(callsOf(partsIn(pieces))).toEqual(callsOf(whole));
        expect(pieces.filter(({ usageMetadata }) => usageMetadata !== undefined)).toHaveLength(1);
        expect(pieces.at(-1)?.candidates[0]?.finishReason).toBeDefined();
      }),
    );
  });

  it('of a failure ends with an error, and is still one array', () => {
    const failed: ChatLiveEvent = { type: 'error', failure: { code: 'provider_failed' } };
    const error = { error: { code: 503, status: 'UNAVAILABLE', message: 'It failed.' } };
    expect(JSON.parse(bodyOf([failed], 'json'))).toMatchObject([error]);
    const said: ChatLiveEvent[] = [{ type: 'text', text: 'Hel' }, failed];
    expect(JSON.parse(bodyOf(said, 'json'))).toMatchObject([{ modelVersion: 'auto' }, error]);
  });

  it('of an answer that says nothing has an empty text', () => {
    const [piece] = eventsIn(bodyOf([finished({ output_text: '' })], 'sse'));
    expect(piece?.candidates[0]?.content.parts).toEqual([{ text: '' }]);
  });

  it('has no thoughts unless they are asked for', () => {
    const events: ChatLiveEvent[] = [{ type: 'reasoning', text: 'Hm.', signature: 's' }, finished()];
    expect(partsIn(eventsIn(bodyOf(events, 'sse', { shows_thoughts: false })))).toEqual([{ text: '' }]);
    expect(partsIn(eventsIn(bodyOf(events, 'sse')))[0]).toMatchObject({ text: 'Hm.', thought: true });
  });
});

describe('an error', () => {
  const errorOf = (fields: object, status: number, wait: string | null = null) =>
    googleErrorOf(
      { error: { code: 'invalid_request', message: 'm', request_id: 'r', ...fields } },
      status,
      wait,
    ).error;

  it('names the fields of the request as Google does', () => {
    const issues = [{ field: 'max_output_tokens', rule: 'too_big', message: 'At most 10' }];
    const error = errorOf({ message: 'max_output_tokens: At most 10', details: { in: 'json', issues } }, 400);
    expect(error).toMatchObject({
      code: 400,
      status: 'INVALID_ARGUMENT',
      message: 'generationConfig.maxOutputTokens: At most 10',
    });
    expect(error.details).toContainEqual({
      '@type': 'type.googleapis.com/google.rpc.BadRequest',
      fieldViolations: [{ field: 'generationConfig.maxOutputTokens', description: 'At most 10' }],
    });
  });

  it('tells the code, the figures and the wait in the details', () => {
    const details = { scope: 'wallet', required: 7, resets_at: null };
    const error = errorOf({ code: 'tokens_held', details }, 429, '2');
    expect(error.status).toBe('RESOURCE_EXHAUSTED');
    expect(error.details).toEqual([
      {
        ...{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'TOKENS_HELD' },
        metadata: { scope: 'wallet', required: '7', request_id: 'r' },
      },
      { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '2s' },
    ]);
  });

  it.each([
    [401, 'UNAUTHENTICATED'],
    [402, 'FAILED_PRECONDITION'],
    [403, 'PERMISSION_DENIED'],
    [404, 'NOT_FOUND'],
    [405, 'UNIMPLEMENTED'],
    [413, 'INVALID_ARGUMENT'],
    [500, 'INTERNAL'],
    [503, 'UNAVAILABLE'],
  ])('of %i has the status %s', (status, name) => {
    expect(errorOf({}, status).status).toBe(name);
  });
});
