import { describe, expect, it } from 'vitest';
import {
  failureOfStatus,
  failureWithoutStatus,
  redactFailure,
  redactMessage,
  waitFromHeaders,
} from '../../../../worker/providers/transport/failure.ts';

describe('what an HTTP status says', () => {
  it.each([
    [400, 'invalid_request', false],
    [401, 'authentication', true],
    [402, 'authentication', true],
    [403, 'authentication', true],
    [404, 'invalid_request', true],
    [405, 'invalid_request', true],
    [408, 'timeout', true],
    [409, 'overloaded', true],
    [413, 'invalid_request', false],
    [422, 'invalid_request', false],
    [425, 'overloaded', true],
    [429, 'rate_limited', true],
    [500, 'overloaded', true],
    [503, 'overloaded', true],
    [504, 'timeout', true],
    [529, 'overloaded', true],
    [302, 'invalid_response', true],
  ])('%i is %s, retryable: %s', (status, kind, retryable) => {
    const failure = failureOfStatus({ status, message: 'so it says', retry_after_ms: 5 });
    expect(failure).toEqual({ kind, retryable, status, message: 'so it says', retry_after_ms: 5 });
  });
});

describe('an error without a status', () => {
  it('is an invalid response when the body was not JSON', () => {
    expect(failureWithoutStatus(new SyntaxError('Unexpected end'))).toMatchObject({
      kind: 'invalid_response',
    });
  });

  it('is a network failure that names its cause', () => {
    const error = new Error('Connection error.', { cause: new Error('socket hang up') });
    expect(failureWithoutStatus(error)).toMatchObject({
      kind: 'network',
      status: null,
      message: 'Connection error. (socket hang up)',
    });
  });

  it('is a timeout when it says so', () => {
    expect(failureWithoutStatus(new Error('Request timed out.'))).toMatchObject({
      kind: 'timeout',
      retryable: true,
    });
  });
});

describe('how long a provider asks to be left alone', () => {
  const now_ms = Date.parse('2026-11-20T10:00:00Z');
  it.each([
    [{ 'retry-after': '12' }, 12_000],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': '1.5' }, 1_500],
    [{ 'retry-after-ms': '250', 'retry-after': '12' }, 250],
    [{ 'retry-after-ms': 'soon', 'retry-after': '12' }, 12_000],
    [{ 'retry-after': 'Fri, 20 Nov 2026 10:00:30 GMT' }, 30_000],
    [{ 'retry-after': 'Fri, 20 Nov 2026 09:00:00 GMT' }, 0],
    [{ 'retry-after': '99999999999999999999' }, 86_400_000],
    [{ 'retry-after': '-5' }, null],
    [{ 'retry-after': '1e9' }, null],
    [{ 'retry-after': 'tomorrow' }, null],
    [{ 'retry-after': '' }, null],
    [{}, null],
  ])('%j means %s ms', (headers, wait_ms) => {
    expect(waitFromHeaders(new Headers(headers as Record<string, string>), now_ms)).toBe(wait_ms);
  });
});

describe('a message for operators', () => {
  it.each([
    ['Incorrect API key provided: sk-abcd****************wxyz.', 'my-key'],
    ['Authorization: Bearer abc.def-ghi was refused', 'my-key'],
    ['key AIzaSyA1234567890abcdefghij is not valid', 'my-key'],
    ['"my-own-odd-key" is not a key', 'my-own-odd-key'],
    ['no account has vsk_0123456789abcdef', 'my-key'],
    ['token hf_0123456789abcdef is unknown', 'my-key'],
    ['key AQ.Ab8RN6K0123456789 is not valid', 'my-key'],
    ['Invalid API key pplx-0123456789abcdef', 'my-key'],
  ])('does not show the key in: %s', (message, api_key) => {
    const redacted = redactMessage(message, [api_key]);
    expect(redacted).toContain('[key]');
    expect(redacted).not.toMatch(/sk-abcd|wxyz|abc\.def|AIzaSy|my-own-odd-key|0123456789/);
  });

  it('hides a key before it is cut, so that no half of one remains', () => {
    const redacted = redactMessage(`${'x'.repeat(490)} my-long-secret-key`, ['my-long-secret-key']);
    expect(redacted.length).toBeLessThanOrEqual(500);
    expect(redacted).not.toContain('my-long');
  });

  it('is one line of at most 500 characters', () => {
    const redacted = redactMessage('line one\n\tline two '.repeat(100), []);
    expect(redacted).toHaveLength(500);
    expect(redacted).not.toMatch(/[\n\t]/);
  });

  it('holds nothing that Postgres cannot: no NUL, and no half of a character where it is cut', () => {
    const redacted = redactMessage(`\u0000${'x'.repeat(497)}😀 and more`, []);
    expect(redacted).not.toContain('\u0000');
    expect(redacted.isWellFormed()).toBe(true);
  });

  it('shows no value of an extra header, but words that are as short as one', () => {
    const failure = failureOfStatus({
      status: 400,
      message: 'Acme sent gateway-secret',
      retry_after_ms: null,
    });
    const headers = { 'x-gateway': 'gateway-secret', 'x-title': 'Acme' };
    expect(redactFailure(failure, { api_key: 'k' }, headers).message).toBe('Acme sent [key]');
  });

  it('is the text of a page, without its markup', () => {
    const page =
      '<html><head><title>t</title></head><body><h1>Blocked</h1><p>by a <b>firewall</b></p></body></html>';
    expect(redactMessage(page, [])).toBe('Blocked by a firewall');
  });

  it('is left alone when there is nothing to hide', () => {
    expect(redactMessage('The model is overloaded.', [''])).toBe('The model is overloaded.');
  });
});
