import { describe, expect, it } from 'vitest';
import {
  readBrand,
  readConfirmation,
  readNewTenant,
  readSuspension,
  slugOf,
} from '../../../../web/src/features/tenants/tenant-drafts.ts';

describe('the slug of a name', () => {
  it.each([
    ['Acme Inc.', 'acme-inc'],
    ['  Crème Brûlée  ', 'creme-brulee'],
    ['R&D / Labs', 'r-d-labs'],
    ['Ünïcode—Ltd', 'unicode-ltd'],
    ['日本', ''],
    [`${'long '.repeat(20)}`, 'long-long-long-long-long-long-long-long'],
  ])('of %j is %j', (name, slug) => expect(slugOf(name)).toBe(slug));
});

it('a new tenant needs a name, a slug that is no service, and an email; its budget is in dollars', () => {
  const draft = { name: ' Acme ', slug: 'acme', admin_email: 'Ada@Acme.example', budget_usd: '' };
  expect(readNewTenant(draft)).toEqual({
    ok: true,
    value: { name: 'Acme', slug: 'acme', admin_email: 'ada@acme.example' },
  });
  expect(readNewTenant({ ...draft, budget_usd: 5.25 })).toMatchObject({
    ok: true,
    value: { budget: { mode: 'prepaid', enforcement: 'hard', balance_micro_usd: 5_250_000 } },
  });
  expect(readNewTenant({ name: '', slug: 'www', admin_email: 'ada', budget_usd: -1 })).toMatchObject({
    ok: false,
    errors: {
      budget: expect.any(String),
      name: expect.any(String),
      slug: expect.any(String),
      admin_email: expect.any(String),
    },
  });
});

it('a brand clears what is left empty, and names the field that is wrong', () => {
  const brand = { name: 'Acme', tagline: ' ', logo_url: '', primary_color: '#0f766e' };
  expect(readBrand(brand)).toEqual({
    ok: true,
    value: { name: 'Acme', branding: { tagline: null, logo_url: null, primary_color: '#0f766e' } },
  });
  expect(readBrand({ ...brand, logo_url: 'javascript:alert(1)', primary_color: 'red' })).toMatchObject({
    ok: false,
    errors: { 'branding.logo_url': expect.any(String), 'branding.primary_color': expect.any(String) },
  });
});

it('a suspension needs a reason, and a deletion the slug', () => {
  expect(readSuspension({ reason: '' })).toMatchObject({ ok: false, errors: { reason: expect.any(String) } });
  expect(readSuspension({ reason: 'unpaid' })).toEqual({
    ok: true,
    value: { status: 'suspended', reason: 'unpaid' },
  });
  expect(readConfirmation({ slug: 'globex' }, 'acme').ok).toBe(false);
  expect(readConfirmation({ slug: ' acme ' }, 'acme')).toEqual({ ok: true, value: { slug: 'acme' } });
});
