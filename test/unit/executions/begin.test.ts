import { expect, it } from 'vitest';
import { idempotencyOf } from '../../../worker/executions/begin.ts';

const fingerprintOf = (surface: string, body: unknown) => idempotencyOf('key', surface, body)?.fingerprint;

it('stands for the request at its surface, however its fields are ordered', () => {
  const body = { model: 'auto', messages: [] };
  const same = { messages: [], model: 'auto' };
  expect(fingerprintOf('messages', body)).toBe(fingerprintOf('messages', same));
  expect(fingerprintOf('messages', body)).not.toBe(fingerprintOf('chat/completions', body));
  expect(fingerprintOf('messages', body)).not.toBe(fingerprintOf('messages', { ...body, model: 'other' }));
});

it('is nothing without a key', () => {
  expect(idempotencyOf(undefined, 'messages', {})).toBeUndefined();
});
