import { describe, expect, it } from 'vitest';
import {
  isSwitch,
  readText,
  settingNames,
  textsOf,
} from '../../../../web/src/features/settings/settings-form.ts';

describe('The form of the tenant settings', () => {
  it('has a label and a help text for every setting of the contract', () => {
    expect(settingNames).toContain('stores_contents');
    for (const name of settingNames)
      expect(textsOf(name)).toEqual({
        label: expect.stringMatching(/^[A-Z]/),
        help: expect.stringMatching(/\.$/),
      });
    expect(settingNames.filter(isSwitch)).toEqual(['stores_contents']);
  });

  it('sends a trimmed text, and null for an empty one', () => {
    expect(readText('support_email', ' help@acme.test ')).toEqual({
      ok: true,
      value: { support_email: 'help@acme.test' },
    });
    expect(readText('support_email', ' ')).toEqual({ ok: true, value: { support_email: null } });
  });

  it('says at its field what is wrong', () => {
    expect(readText('support_email', 'nobody')).toEqual({
      ok: false,
      errors: { support_email: 'Invalid email address' },
    });
  });
});
