import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contrastOf, paletteOf, readableOn, tintOf } from '../../../../web/src/ui/palette.ts';

const hexColor = fc
  .integer({ min: 0, max: 0xffffff })
  .map((value) => `#${value.toString(16).padStart(6, '0')}`);

describe("A tenant's colour", () => {
  it('contrasts with itself not at all, and black with white the most', () => {
    expect(contrastOf('#0f766e', '#0f766e')).toBe(1);
    expect(contrastOf('#000000', '#ffffff')).toBeCloseTo(21);
  });

  it('makes ten shades from light to dark, the seventh being the colour itself', () => {
    fc.assert(
      fc.property(hexColor, (hex) => {
        const shades = paletteOf(hex);
        expect(shades).toHaveLength(10);
        expect(shades[6]).toBe(hex);
        const contrasts = shades.map((shade) => contrastOf(shade, '#000000'));
        expect(contrasts).toEqual([...contrasts].sort((one, other) => other - one));
      }),
    );
  });

  it('can always be read as text, on a surface and on its own tint, in both schemes', () => {
    fc.assert(
      fc.property(hexColor, fc.constantFrom('#ffffff', '#171a20'), (hex, surface) => {
        const tint = tintOf(hex, surface, 0.2);
        for (const background of [surface, tint]) {
          expect(contrastOf(readableOn(hex, background), background)).toBeGreaterThanOrEqual(4.5);
        }
      }),
    );
  });

  it('stays as it is where it can be read already', () => {
    expect(readableOn('#0f766e', '#ffffff')).toBe('#0f766e');
    expect(readableOn('#facc15', '#ffffff')).not.toBe('#facc15');
  });
});
