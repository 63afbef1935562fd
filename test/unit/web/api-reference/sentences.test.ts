import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sentencePieces, titleAndText } from '../../../../web/src/features/api-reference/sentences.ts';

describe('A summary', () => {
  it.each([
    ['One provider. Admins only.', 'One provider', ['Admins only.']],
    ['Runs a prompt: reserves the most it can cost.', 'Runs a prompt', ['Reserves the most it can cost.']],
    ['Your executions, newest first; admins see all.', 'Your executions', ['Newest first; admins see all.']],
    ['The user behind the token.', 'The user behind the token', []],
    ['GET /v1/models', 'GET /v1/models', []],
    ['Speaks to wallet.v1 at once', 'Speaks to wallet.v1 at once', []],
  ])('is a title and the rest: %s', (summary, title, text) => {
    expect(titleAndText(summary)).toEqual({ title, text });
  });

  it('goes before the description, paragraph by paragraph', () => {
    expect(titleAndText('One model. Admins only.', 'First.\n\nSecond.').text).toEqual([
      'Admins only.',
      'First.',
      'Second.',
    ]);
  });
});

describe('Text with code in it', () => {
  it('is cut at pairs of backticks', () => {
    expect(sentencePieces('With `stream` on')).toEqual([
      { at: 0, text: 'With ', isCode: false },
      { at: 5, text: 'stream', isCode: true },
      { at: 13, text: ' on', isCode: false },
    ]);
    expect(sentencePieces('a ` alone')).toEqual([{ at: 0, text: 'a ` alone', isCode: false }]);
  });

  it('loses nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', ' ', '`') }), (text) => {
        const whole = sentencePieces(text).map((piece) => (piece.isCode ? `\`${piece.text}\`` : piece.text));
        expect(whole.join('')).toBe(text);
      }),
    );
  });
});
