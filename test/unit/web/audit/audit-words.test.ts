import { expect, it } from 'vitest';
import { changesOf, titleOf } from '../../../../web/src/features/audit/audit-words.ts';

const names = new Map([['01-level', 'Pro']]);

it('an action has a title, one that nobody named as well', () => {
  expect(titleOf({ action: 'wallet.credited' })).toBe('Balance increased');
  expect(titleOf({ action: 'api_key.revoked' })).toBe('Api key revoked');
});

it('an entry tells the values that differ, those inside of others too', () => {
  const details = {
    before: { name: 'Pro', models: null, features: { exports: true, api_keys: true } },
    after: { name: 'Pro', models: ['a', 'b'], features: { exports: false, api_keys: true } },
  };
  expect(changesOf({ details }, names)).toEqual([
    { field: 'Models', before: 'none', after: 'a, b' },
    { field: 'Exports', before: 'on', after: 'off' },
  ]);
});

it('an entry about something new is told by its target alone', () => {
  expect(changesOf({ details: { before: null, after: { name: 'Gold' } } }, names)).toEqual([]);
});

it('an entry has names in place of ids', () => {
  const details = { before: { level_id: '01-level' }, after: { level_id: '02-gone' } };
  expect(changesOf({ details }, names)).toEqual([{ field: 'Level', before: 'Pro', after: '02-gone' }]);
});

it('a correction tells its amount and its reason', () => {
  expect(changesOf({ details: { amount: -5, reason: 'Refund', reference: null, seq: 3 } }, names)).toEqual([
    { field: 'Amount', before: null, after: '−5' },
    { field: 'Reason', before: null, after: 'Refund' },
  ]);
});

it('an entry without values has none to tell', () => {
  expect(changesOf({ details: {} }, names)).toEqual([]);
});
