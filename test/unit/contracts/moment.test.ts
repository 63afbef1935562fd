import { expect, it } from 'vitest';
import { moment } from '../../../contracts/moment.ts';

it.each([
  ['2030-01-01T00:00:00-23:59', '2030-01-01T23:59:00.000Z'],
  ['2999-01-01T02:00:00+02:00', '2999-01-01T00:00:00.000Z'],
])('%s is said in UTC', (said, utc) => {
  expect(moment.parse(said)).toBe(utc);
});

it.each(['9999-12-31T23:59:59-15:00', 'tomorrow', '2030-02-30T00:00:00Z'])('%s is not a moment', (said) => {
  expect(moment.safeParse(said).success).toBe(false);
});
