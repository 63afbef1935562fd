import { expect, test } from 'vitest';
import { errorOfBody } from '../../../../web/src/lib/error-body.ts';

test('the error of a body of the API is returned', () => {
  const error = { code: 'not_found', message: 'There is no such key.', request_id: 'r1' };
  expect(errorOfBody({ error })).toEqual(error);
});

test.each([null, 'Bad gateway', {}, { error: null }, { error: { code: 502 } }, { error: 'unavailable' }])(
  'another body, %j, has none',
  (body) => {
    expect(errorOfBody(body)).toBeNull();
  },
);
