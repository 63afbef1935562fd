import { afterEach, describe, expect, it, vi } from 'vitest';
import { createLog, redact } from '../../../worker/runtime/log.ts';

afterEach(() => vi.restoreAllMocks());

describe('a log line', () => {
  it('is one JSON object with level, event and fields', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    createLog('info', { request_id: 'r1' }).warn('slow', { duration_ms: 5 });
    expect(JSON.parse(String(warn.mock.calls[0]?.[0]))).toEqual({
      level: 'warn',
      event: 'slow',
      request_id: 'r1',
      duration_ms: 5,
    });
  });

  it('is dropped below the configured level', () => {
    const info = vi.spyOn(console, 'info').mockImplementation(() => undefined);
    createLog('warn', {}).info('request');
    expect(info).not.toHaveBeenCalled();
  });
});

describe('redaction', () => {
  it.each(['password', 'Authorization', 'api_key', 'apiKey', 'x-api-key', 'JWT_SECRET', 'session_token'])(
    'hides a field named %s, however deep',
    (name) => {
      expect(redact({ outer: [{ [name]: 'hunter2' }] })).toEqual({ outer: [{ [name]: '[redacted]' }] });
    },
  );

  it.each([
    ['a session token', 'got eyJhbGciOiJIUzI1NiJ9.eyJ1c2VySWQiOiIxIn0.c2lnbmF0dXJl'],
    ['a provider key', 'refused sk-proj-abcdefghijklmnop1234'],
    ['a password hash', `stored $2b$10$${'abcdefghijklmnop'.repeat(4).slice(0, 53)}`],
    ['what a failed query was given', 'Failed query: select 1\nparams: abcdefghijklmnop@x.test'],
    ['all of it, of many lines', 'Failed query: select 1\nparams: a\nabcdefghijklmnop@x.test'],
    ['a secret that would be cut in half', `${'x'.repeat(1_980)} sk-proj-abcdefghijklmnop1234`],
    ['a database password', 'connect postgresql://app_worker:s3cr3tpass@db/vanilla'],
  ])('hides %s wherever it stands in a text', (_, text) => {
    const safe = String(redact(text));
    expect(safe).toContain('[redacted]');
    expect(safe).not.toMatch(/eyJ1c2VySWQi|abcdefghijklmnop|s3cr3tpass/);
  });

  it('keeps figures whose names contain the word tokens', () => {
    expect(redact({ tokens_charged: 7, max_output_tokens: 9 })).toEqual({
      tokens_charged: 7,
      max_output_tokens: 9,
    });
  });

  it('hides the secrets of an error, its stack and its cause', () => {
    const error = new Error('key sk-proj-abcdefghijklmnop1234', { cause: { password: 'hunter2' } });
    expect(JSON.stringify(redact(error))).not.toMatch(/abcdefghijklmnop|hunter2/);
  });
});
