import { describe, expect, it } from 'vitest';
import {
  readTranscription,
  readTranscriptionUsage,
} from '../../../../worker/providers/openai/endpoints/transcriptions.ts';

describe('the usage of a transcription', () => {
  it('is audio and text in, and text out', () => {
    const reported = {
      ...{ type: 'tokens', input_tokens: 40, input_token_details: { text_tokens: 6, audio_tokens: 34 } },
      ...{ output_tokens: 10, total_tokens: 50 },
    };
    expect(readTranscriptionUsage(reported)).toMatchObject({
      ...{ input_tokens: 6, input_audio_tokens: 34, output_tokens: 10 },
    });
  });

  it('is the seconds of a model that is paid by the time, rounded up', () => {
    expect(readTranscriptionUsage({ type: 'duration', seconds: 2.1 })).toMatchObject({
      ...{ input_tokens: 0, input_audio_tokens: 3, output_tokens: 0 },
    });
  });

  it.each([
    ['nothing', undefined],
    ['no seconds', { type: 'duration', seconds: 0 }],
    ['endless seconds', { type: 'duration', seconds: 9e15 }],
    ['no input', { input_tokens: 0, output_tokens: 1 }],
    ['negative tokens', { input_tokens: 5, output_tokens: -1 }],
  ])('is not known of %s', (_name, reported) => {
    expect(readTranscriptionUsage(reported)).toBeNull();
  });
});

describe('a transcription', () => {
  it('is read with everything beside its text but the usage', () => {
    expect(readTranscription({ text: '', duration: 2, usage: { seconds: 2 } })).toMatchObject({
      ok: true,
      value: { piece: { transcription: { text: '', duration: 2 } }, usage: { input_audio_tokens: 2 } },
    });
  });

  it.each([
    ['no text', { segments: [] }, 'invalid_response'],
    ['no body', undefined, 'invalid_response'],
    ['an error with a status of success', { error: { message: 'busy', code: 503 } }, 'overloaded'],
  ])('is not read from %s', (_name, body, kind) => {
    expect(readTranscription(body)).toMatchObject({ ok: false, failure: { kind } });
  });
});
