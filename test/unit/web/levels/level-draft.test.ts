import { describe, expect, it } from 'vitest';
import type { Level } from '../../../../contracts/api/tenant/levels.ts';
import { ALL_FEATURES } from '../../../../contracts/tenants/level-features.ts';
import {
  draftOfCopy,
  draftOfLevel,
  emptyLevelDraft,
  readFeatures,
  readLevelChange,
  readNewLevel,
} from '../../../../web/src/features/levels/level-draft.ts';

const policy = {
  mode: 'lifetime' as const,
  allocation_tokens: 1,
  rollover_cap_tokens: 0,
  enforcement: 'hard' as const,
  warning_thresholds_percent: [80],
  reservation_lifetime_ms: 60_000,
  in_flight_max: 1,
};
const level: Level = {
  id: '01900000-0000-7000-8000-000000000001',
  slug: 'pro',
  name: 'Pro',
  is_default: false,
  archived_at: null,
  allowed_models: ['a'],
  features: { ...ALL_FEATURES, exports: false },
  default_output_limit: 100,
  policy,
  user_count: 1,
  policy_changed_at: '2026-11-29T00:00:00Z',
};

describe('A new level', () => {
  it('is sent with its name alone, the rest is the API’s default', () => {
    const read = readNewLevel({ ...emptyLevelDraft, name: ' Gold ' }, null);
    expect(read).toMatchObject({ ok: true, value: { name: 'Gold', default_output_limit: null } });
    expect(read.ok && read.value).not.toHaveProperty('slug');
    expect(read.ok && read.value).not.toHaveProperty('policy');
  });

  it('that copies another has its policy, features, models and limit under another name', () => {
    const { policy: copied, features, allowed_models, default_output_limit } = level;
    expect(readNewLevel(draftOfCopy(level), level)).toMatchObject({
      ok: true,
      value: { name: 'Pro (copy)', policy: copied, features, allowed_models, default_output_limit },
    });
  });

  it('shows a rule at each field that breaks it', () => {
    const read = readNewLevel({ name: ' ', slug: 'No', default_output_limit: 0 }, null);
    expect(read.ok ? [] : Object.keys(read.errors).sort()).toEqual(['default_output_limit', 'name', 'slug']);
  });
});

describe('A change of a level', () => {
  it('sends what differs, and nothing else', () => {
    expect(readLevelChange(draftOfLevel(level), level)).toEqual({ ok: true, value: {} });
    const draft = { ...draftOfLevel(level), name: 'Gold', default_output_limit: '' };
    expect(readLevelChange(draft, level)).toEqual({
      ok: true,
      value: { name: 'Gold', default_output_limit: null },
    });
  });

  it('of features names those that were switched', () => {
    expect(readFeatures(level.features, level)).toEqual({ ok: true, value: {} });
    expect(readFeatures({ ...level.features, exports: true, api_keys: false }, level)).toEqual({
      ok: true,
      value: { features: { api_keys: false, exports: true } },
    });
  });
});
