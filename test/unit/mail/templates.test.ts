import { describe, expect, it } from 'vitest';
import {
  type MailContent,
  type MailProps,
  mailTemplates,
  maskedEmail,
} from '../../../worker/mail/templates/content.ts';
import { htmlOf, textColorOn } from '../../../worker/mail/templates/html.tsx';
import { textOf } from '../../../worker/mail/templates/text.ts';

const link = 'https://acme.example/page#vst_token';
const props: MailProps = {
  verify_email: { name: 'Ada', link },
  reset_password: { name: null, link },
  account_exists: { name: null, link },
  account_created: { name: 'Ada', link },
  change_email: { name: 'Ada', link },
  invitation: { role: 'admin', link, invited_by: 'Grace', expires_at: '2026-12-06T10:00:00Z' },
  password_changed: { support_email: 'help@acme.example' },
  second_factor_changed: { change: 'app_added', support_email: 'help@acme.example' },
  email_change_requested: { new_email: 'grace@example.com', support_email: null },
  email_changed: { new_email: 'grace@example.com', support_email: null },
  identity_linked: { provider: 'Example ID', support_email: null },
  account_closed: { support_email: 'help@acme.example' },
  alert: { kind: 'budget', data: { threshold_percent: 80, left_micro_usd: 5_000_000 } },
  webhook_disabled: { host: 'hooks.example.com', reason: 'failing' },
};
const contentOf = <Template extends keyof MailProps>(template: Template, tenant: string): MailContent =>
  mailTemplates[template](tenant, props[template]);
const names = Object.keys(props) as (keyof MailProps)[];

describe('a mail', () => {
  it.each(names)('%s says the same as text and as HTML, in the name of the tenant', (name) => {
    const content = contentOf(name, 'Acme');
    const text = textOf(content, 'Acme');
    const html = htmlOf(content, { name: 'Acme', primary_color: '#0f766e' });
    expect(content.subject).toContain('Acme');
    for (const said of [...content.paragraphs, content.hint, 'Acme']) {
      expect(text).toContain(said);
      expect(html).toContain(said);
    }
    if (content.action !== null) {
      expect(text).toContain(link);
      expect(html).toContain(`href="${link}"`);
    }
    expect(html).toMatch(/^<!doctype html><html lang="en">/);
    expect(html).toContain('#0f766e');
  });

  it.each([
    'password_changed',
    'email_change_requested',
    'email_changed',
    'identity_linked',
    'account_closed',
    'alert',
    'webhook_disabled',
  ] as const)('that warns has nothing to click: %s', (name) => {
    const content = contentOf(name, 'Acme');
    expect(htmlOf(content, { name: 'Acme', primary_color: '#0f766e' })).not.toMatch(/href=|https?:/);
    expect(textOf(content, 'Acme')).not.toMatch(/https?:/);
  });

  it('escapes what people named, and keeps it as it is in text', () => {
    const tenant = '<img src=x onerror=alert(1)> & "Co"';
    const content = mailTemplates.verify_email(tenant, { name: '<script>', link: 'https://a.example/"><b>' });
    const html = htmlOf(content, { name: tenant, primary_color: '#0f766e' });
    expect(html).not.toMatch(/<img|<script>|"><b>/);
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt; &amp; &quot;Co&quot;');
    expect(textOf(content, tenant)).toContain(tenant);
  });
});

it.each([
  ['#ffffff', '#000000'],
  ['#facc15', '#000000'],
  ['#0f766e', '#ffffff'],
  ['#4f46e5', '#ffffff'],
  ['#000000', '#ffffff'],
])('on %s the text of a button is %s', (color, text) => {
  expect(textColorOn(color)).toBe(text);
});

it.each([
  ['grace@example.com', 'g•••e@example.com'],
  ['ab@example.com', 'a•••@example.com'],
  ['a@example.com', 'a•••@example.com'],
])('of %s a warning shows %s', (email, shown) => {
  expect(maskedEmail(email)).toBe(shown);
});
