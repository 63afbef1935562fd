import { describe, expect, it } from 'vitest';
import { slugOf } from '../../../contracts/api/tenant/levels.ts';
import {
  ALL_FEATURES,
  features,
  flagsOf,
  textsOfFeature,
} from '../../../contracts/tenants/level-features.ts';
import { levelsWith } from '../../../worker/levels/offered-features.ts';

describe('features', () => {
  it('that are not stored are off, and stored ones of another time are left out', () => {
    const flags = flagsOf({ exports: true, telepathy: true });
    expect(Object.keys(flags)).toEqual(features);
    expect(features.filter((name) => flags[name])).toEqual(['exports']);
  });

  it('each have a label and a help text', () => {
    for (const name of features) expect(textsOfFeature(name).label.length).toBeGreaterThan(3);
  });

  it('name the levels that offer them, in their order', () => {
    const levels = [
      { slug: 'free', name: 'Free', features: { ...ALL_FEATURES, exports: false } },
      { slug: 'pro', name: 'Pro', features: ALL_FEATURES },
    ];
    expect(levelsWith({ levels }, 'exports')).toEqual([{ slug: 'pro', name: 'Pro' }]);
    expect(levelsWith({ levels }, 'api_keys').map(({ slug }) => slug)).toEqual(['free', 'pro']);
  });
});

it.each([
  ['Pro', 'pro'],
  ['Équipe  Pro +', 'equipe-pro'],
  ['  --A--  ', 'a'],
  ['専門家', 'level'],
  ['x'.repeat(60), 'x'.repeat(40)],
  [`${'x'.repeat(39)} y`, 'x'.repeat(39)],
])('the name %j becomes the slug %j', (name, slug) => {
  expect(slugOf(name)).toBe(slug);
});
