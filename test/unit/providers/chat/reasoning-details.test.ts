import { describe, expect, it } from 'vitest';
import {
  detailsOf,
  signedReasoningIn,
  withDetails,
} from '../../../../worker/providers/chat/reasoning-details.ts';

describe('reasoning details', () => {
  const parts = [{ text: 'a', signature: 's' }, { text: '', encrypted: 'x' }, { text: 'b' }];

  it('hold signed reasoning, and give it back', () => {
    const details = detailsOf(parts);
    expect(details).toEqual([
      { type: 'reasoning.text', text: 'a', signature: 's', index: 0 },
      { type: 'reasoning.encrypted', data: 'x', index: 1 },
      { type: 'reasoning.text', text: 'b', index: 2 },
    ]);
    expect(signedReasoningIn(details ?? [])).toEqual(parts);
  });

  it('are not made of reasoning that nobody signed, nor read as such', () => {
    expect(detailsOf([{ text: 'a' }])).toBeUndefined();
    expect(signedReasoningIn([{ type: 'reasoning.text', text: 'a', signature: null }])).toEqual([]);
    expect(signedReasoningIn([{ type: 'reasoning.summary', summary: 'a' }, null, 7])).toEqual([]);
  });

  it('come in pieces that belong together by their number and type', () => {
    const text = (words: string, index?: number) => ({ type: 'reasoning.text', text: words, index });
    const pieces = [
      text('a', 0),
      { ...text('b', 0), signature: null },
      { type: 'reasoning.text', signature: 's', index: 0 },
      text('c', 1),
      { type: 'reasoning.encrypted', data: 'x', index: 1 },
      text('d'),
      text('e'),
      'odd',
    ];
    expect(pieces.reduce<unknown[]>((all, piece) => withDetails(all, [piece]), [])).toEqual([
      { type: 'reasoning.text', text: 'ab', index: 0, signature: 's' },
      text('c', 1),
      { type: 'reasoning.encrypted', data: 'x', index: 1 },
      text('d'),
      text('e'),
      'odd',
    ]);
  });
});
