import { describe, expect, it } from 'vitest';
import { tenantFields } from '../../../../contracts/api/tenant/tenant.ts';
import { allocationAfter, registrationMode } from '../../../../contracts/tenants/registration.ts';
import {
  allocationChoices,
  controlOf,
  draftOf,
  groups,
  groupWords,
  isSwitch,
  readDraft,
  registrationChoices,
  secondFactorChoices,
  settingNames,
  textsOf,
} from '../../../../web/src/features/settings/settings-form.ts';

const saved = {
  registration: 'open' as const,
  registration_email_domains: [],
  allocation_after: 'registration' as const,
  require_mfa: 'off' as const,
  allowed_origins: ['https://shop.acme.example'],
  default_output_limit: null,
  fits_to_balance: true,
  response_cache: null,
  shows_provider_cost: false,
  allows_self_made_changes: true,
  stores_contents: false,
  content_retention_days: 30,
  keeps_conversations: true,
  support_email: null,
  ...{ currency_name: 'credits', currency_name_singular: 'credit', wallet_tokens_per_usd: 1_000_000 },
};

describe('The form of the tenant settings', () => {
  it('has a label, a help text and one place for every setting of the contract', () => {
    for (const name of settingNames)
      expect(textsOf(name)).toMatchObject({
        label: expect.stringMatching(/^[A-Z]/),
        help: expect.stringMatching(/\.$/),
      });
    const placed = groups.flatMap(({ inputs, switches, forms }) => [...inputs, ...switches, ...forms]);
    expect(placed.toSorted()).toEqual(settingNames.toSorted());
    for (const { id } of groups) expect(groupWords[id].title).toMatch(/^[A-Z]/);
  });

  it('has the control that fits the value', () => {
    expect(settingNames.filter(isSwitch)).toEqual(
      expect.arrayContaining(['fits_to_balance', 'shows_provider_cost', 'stores_contents']),
    );
    expect(controlOf('registration')).toBe('choice');
    expect(controlOf('allowed_origins')).toBe('lines');
    expect(controlOf('default_output_limit')).toBe('number');
    expect(controlOf('content_retention_days')).toBe('number');
    expect(controlOf('support_email')).toBe('text');
    expect(allocationChoices.map(({ value }) => value).toSorted()).toEqual(
      allocationAfter.options.toSorted(),
    );
    expect(secondFactorChoices.map(({ value }) => value).toSorted()).toEqual(
      tenantFields.shape.require_mfa.options.toSorted(),
    );
    expect(registrationChoices.map(({ value }) => value).toSorted()).toEqual(
      registrationMode.options.toSorted(),
    );
  });

  it('shows values as text and reads the same values back as no change', () => {
    const draft = draftOf(saved, ['allowed_origins', 'default_output_limit', 'content_retention_days']);
    expect(draft).toEqual({
      allowed_origins: 'https://shop.acme.example',
      default_output_limit: '',
      content_retention_days: '30',
    });
    expect(readDraft(draft, saved)).toEqual({ ok: true, value: {} });
  });

  it.each([
    [{ support_email: ' help@acme.test ' }, { support_email: 'help@acme.test' }],
    [{ default_output_limit: '2000' }, { default_output_limit: 2_000 }],
    [{ allowed_origins: '' }, { allowed_origins: [] }],
    [
      { allowed_origins: 'https://A.example/\n\n https://b.example' },
      { allowed_origins: ['https://a.example', 'https://b.example'] },
    ],
    [
      { registration: 'email_domains', registration_email_domains: '@Acme.example, acme.test' },
      { registration: 'email_domains', registration_email_domains: ['acme.example', 'acme.test'] },
    ],
  ])('sends the change that %j makes', (draft, value) =>
    expect(readDraft(draft, saved)).toEqual({ ok: true, value }),
  );

  it.each([
    [{ support_email: 'nobody' }, { support_email: 'Invalid email address.' }],
    [{ content_retention_days: '' }, { content_retention_days: 'Enter a value.' }],
    [
      { content_retention_days: '366' },
      { content_retention_days: expect.stringMatching(/^Too big.*365\.$/) },
    ],
    [
      { allowed_origins: 'https://a.example\nhttps://b.example/path' },
      { allowed_origins: expect.stringMatching(/^“https:\/\/b.example\/path” must be an origin/) },
    ],
    [
      { registration_email_domains: 'acme' },
      { registration_email_domains: expect.stringContaining('“acme”') },
    ],
  ])('says at its field what is wrong with %j', (draft, errors) =>
    expect(readDraft(draft, saved)).toEqual({ ok: false, errors }),
  );
});
