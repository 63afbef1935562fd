import { describe, expect, it } from 'vitest';
import { INLINE_MATH, markMath } from '../../../../web/src/ui/math-text.ts';

const inline = (tex: string) => `\`${INLINE_MATH}${tex}\``;

describe('Formulas of an answer', () => {
  it.each([
    ['dollars within a line', 'so $x^2$ is', `so ${inline('x^2')} is`],
    ['brackets within a line', String.raw`so \(x^2\) is`, `so ${inline('x^2')} is`],
    ['two in one line', '$a$ and $b$', `${inline('a')} and ${inline('b')}`],
  ])('are found between %s', (_, text, marked) => {
    expect(markMath(text)).toBe(marked);
  });

  it.each([
    ['two dollars', '$$\nx^2\n$$'],
    ['square brackets', String.raw`\[ x^2 \]`],
  ])('have lines of their own between %s', (_, text) => {
    expect(markMath(text).trim()).toBe('```math\nx^2\n```');
  });

  it.each([
    ['amounts of money', 'It costs $5 and $6, or $7-$8.'],
    ['a lone dollar', 'The $ is strong'],
    ['an escaped dollar', String.raw`\$x$`],
    ['inline code', 'Run `echo $HOME and $PATH` now'],
    ['fenced code', 'As in:\n```sh\necho $A $B\n```\nthere'],
    ['fenced code that has not ended yet', 'As in:\n```sh\necho $A$'],
    ['variables in words', 'US$100 and CA$200'],
  ])('are not found in %s', (_, text) => {
    expect(markMath(text)).toBe(text);
  });

  it('are found after code', () => {
    expect(markMath('`$x$` is $y$')).toBe(`\`$x$\` is ${inline('y')}`);
  });
});
