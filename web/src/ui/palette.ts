import type { MantineColorsTuple } from '@mantine/core';

/**
 * Colours derived from the tenant's colour: ten shades, and the nearest shade that is readable as text. Pure. Readable means a
 * contrast ratio of 4.5, which WCAG 2.2 requires for text at level AA.
 */

type Rgb = readonly [red: number, green: number, blue: number];

const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];
const CONTRAST_AA = 4.5;

function parseHex(hex: string): Rgb {
  const channel = (at: number) => Number.parseInt(hex.slice(at, at + 2), 16);
  return [channel(1), channel(3), channel(5)];
}

const toHex = (color: Rgb): string =>
  `#${color.map((channel) => Math.round(channel).toString(16).padStart(2, '0')).join('')}`;

/** Mixes two colours: a `share` of 0 is `from`, of 1 is `to`. */
const mix = (from: Rgb, to: Rgb, share: number): Rgb => [
  from[0] + (to[0] - from[0]) * share,
  from[1] + (to[1] - from[1]) * share,
  from[2] + (to[2] - from[2]) * share,
];

/** Ten shades, light to dark. The seventh is the tenant's colour itself, used by filled buttons. */
export function paletteOf(hex: string): MantineColorsTuple {
  const base = parseHex(hex);
  const light = (share: number) => toHex(mix(base, WHITE, share));
  const dark = (share: number) => toHex(mix(base, BLACK, share));
  return [
    light(0.94),
    light(0.87),
    light(0.72),
    light(0.56),
    light(0.38),
    light(0.18),
    hex,
    dark(0.12),
    dark(0.26),
    dark(0.4),
  ];
}

function luminanceOf(color: Rgb): number {
  const linear = (channel: number) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(color[0]) + 0.7152 * linear(color[1]) + 0.0722 * linear(color[2]);
}

/** WCAG contrast ratio of two six-digit hex colours, 1 to 21. */
export function contrastOf(hex: string, otherHex: string): number {
  const [one, other] = [luminanceOf(parseHex(hex)), luminanceOf(parseHex(otherHex))];
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}

/** The tenant's colour, darkened or lightened until it is readable as text on `background`. */
export function readableOn(hex: string, background: string): string {
  const target = luminanceOf(parseHex(background)) > 0.18 ? BLACK : WHITE;
  for (let share = 0; share < 1; share += 0.04) {
    const candidate = toHex(mix(parseHex(hex), target, share));
    if (contrastOf(candidate, background) >= CONTRAST_AA) return candidate;
  }
  return toHex(target);
}

/** Mixes a `share` of the tenant's colour into `background`. */
export const tintOf = (hex: string, background: string, share: number): string =>
  toHex(mix(parseHex(background), parseHex(hex), share));
