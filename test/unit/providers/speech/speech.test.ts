import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSpeechEvents } from '../../../../worker/providers/openai/endpoints/speech.ts';
import { charactersOf, speechTokensBound } from '../../../../worker/providers/speech/tokens.ts';

const eventsOf = (...events: object[]) =>
  Buffer.from(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''));
const delta = (text: string) => ({ type: 'speech.audio.delta', audio: Buffer.from(text).toString('base64') });
const usage = { input_tokens: 14, output_tokens: 101, total_tokens: 115 };
const done = { type: 'speech.audio.done', usage };

describe('a stream of speech', () => {
  it('is its pieces of audio, each in base64 of its own, and the usage at its end', () => {
    expect(readSpeechEvents(eventsOf(delta('a'), delta('bc'), done))).toMatchObject({
      ok: true,
      value: {
        piece: { audio: Buffer.from('abc').toString('base64') },
        usage: { input_tokens: 14, output_tokens: 0, output_audio_tokens: 101 },
      },
    });
  });

  it('has no usage where none is told, or an impossible one', () => {
    for (const told of [undefined, { ...usage, output_tokens: -1 }, { ...usage, input_tokens: 0 }])
      expect(readSpeechEvents(eventsOf(delta('a'), { ...done, usage: told }))).toMatchObject({
        value: { usage: null },
      });
  });

  it.each([
    ['without its end', eventsOf(delta('a')), 'truncated'],
    ['without audio', eventsOf(done), 'invalid_response'],
    ['with an error', eventsOf(delta('a'), { type: 'error', error: { code: 'server_error' } }), 'overloaded'],
  ])('%s is a failure', (_name, body, kind) => {
    expect(readSpeechEvents(body)).toMatchObject({ ok: false, failure: { kind } });
  });
});

it('the characters of a text are never more than its bound', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (input) => {
      expect(charactersOf({ input })).toBeLessThanOrEqual(speechTokensBound({ input }));
    }),
  );
});
