import { describe, expect, it } from 'vitest';
import { presetIds, providerPresets } from '../../../contracts/catalog/provider-presets.ts';
import {
  changedSettings,
  defaultSettings,
  keepsValues,
  settingsInput,
  withoutValues,
} from '../../../contracts/catalog/provider-settings.ts';
import { refuseBaseUrl } from '../../../worker/catalog/base-url.ts';

describe('the settings of a provider', () => {
  it.each([
    'Authorization',
    'x-api-key',
    'HOST',
    'cookie',
    'content-length',
    'transfer-encoding',
    'cf-worker',
  ])('take no header %s', (name) => {
    expect(settingsInput.safeParse({ extra_headers: { [name]: 'x' } }).success).toBe(false);
  });

  it.each([
    [
      'a header of a gateway',
      { extra_headers: { 'cf-aig-authorization': 'Bearer t', 'HTTP-Referer': 'https://a.example' } },
    ],
    ['the other name of the limit', { output_limit_parameter: 'max_completion_tokens' }],
    ['a parameter to leave out', { drop_parameters: ['parallel_tool_calls'] }],
    ['a parameter to pass on', { allow_parameters: ['my_extension'] }],
    ['a new name for a parameter', { rename_parameters: { seed: 'random_seed' } }],
    ['longer waits', { first_byte_timeout_ms: 600_000, idle_timeout_ms: 600_000 }],
  ])('take %s', (_, settings) => {
    expect(settingsInput.safeParse(settings).success).toBe(true);
  });

  it.each([
    ['a name that is no header', { extra_headers: { 'a b': 'x' } }],
    ['a value with a line break', { extra_headers: { 'x-a': 'x\r\nHost: y' } }],
    ['the limit of the output left out', { drop_parameters: ['max_tokens'] }],
    ['the number of answers passed on', { allow_parameters: ['n'] }],
    ['the messages renamed', { rename_parameters: { messages: 'm' } }],
    ['a parameter sent as the number of answers', { rename_parameters: { seed: 'n' } }],
    ['no time at all', { idle_timeout_ms: 0 }],
    ['more than ten minutes', { first_byte_timeout_ms: 600_001 }],
    ['a setting that does not exist', { retries: 3 }],
  ])('refuse %s', (_, settings) => {
    expect(settingsInput.safeParse(settings).success).toBe(false);
  });
});

describe('a change of settings', () => {
  const saved = {
    ...defaultSettings,
    extra_headers: { 'x-a': 'secret', 'x-b': 'other' },
    stream_usage: false,
  };

  it('shows no value of a header', () => {
    expect(JSON.stringify(withoutValues(saved))).not.toMatch(/secret|other/);
  });

  it('leaves alone what it does not name', () => {
    expect(changedSettings(saved, { idle_timeout_ms: 90_000 })).toEqual({
      ...saved,
      idle_timeout_ms: 90_000,
    });
  });

  it('keeps a hidden value, and takes away a header that it leaves out', () => {
    const change = { extra_headers: { 'x-a': '[hidden]', 'x-new': '1', constructor: '[hidden]' } };
    expect(changedSettings(saved, change).extra_headers).toEqual({ 'x-a': 'secret', 'x-new': '1' });
  });

  it('saves what is shown unchanged', () => {
    expect(changedSettings(saved, withoutValues(saved))).toEqual(saved);
  });

  it.each([
    [undefined, true],
    [{}, true],
    [{ extra_headers: { 'x-a': '[hidden]' } }, true],
    [{ extra_headers: { 'x-a': 'again' } }, false],
    [{ extra_headers: {} }, false],
  ])('%j keeps values that are not told again: %s', (change, keeps) => {
    expect(keepsValues(saved, change)).toBe(keeps);
  });
});

describe('the presets', () => {
  it.each(presetIds)('%s has settings that can be saved, and an address that may be called', (id) => {
    const { base_url, settings } = providerPresets[id];
    expect(settingsInput.safeParse(settings).error).toBeUndefined();
    const address = base_url?.replaceAll(/\{(\w+)\}/g, '$1.example') ?? 'https://api.example.com';
    const own = { PLATFORM_DOMAIN: 'platform.example.org', PLATFORM_HOSTNAMES: [] };
    expect(refuseBaseUrl(address, own, false)).toBeNull();
  });
});
