import type { KeptMail } from './sent-mail.ts';

/** The pages of the mailbox. */

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => escapes[character] ?? '');

const page = (title: string, body: string) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #111827 }
  .note { background: #fef3c7; border-radius: 8px; padding: .5rem 1rem }
  td, th { text-align: left; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid #e5e7eb }
  table { border-collapse: collapse; width: 100% }
  pre { white-space: pre-wrap; word-break: break-word; background: #f3f4f6; padding: 1rem; border-radius: 8px }
  iframe { width: 100%; height: 32rem; border: 1px solid #e5e7eb; border-radius: 8px }
</style></head><body>
<p class="note">Simulated: these mails were sent to nobody.</p>
<h1>${escapeHtml(title)}</h1>
${body}
</body></html>`;

const timeOf = ({ at_ms }: KeptMail) => new Date(at_ms).toISOString().replace('T', ' ').slice(0, 19);

/** The list of mails, newest first. */
export function listPage(mails: KeptMail[]): string {
  const rows = mails.map(
    (
      mail,
    ) => `<tr><td>${timeOf(mail)}</td><td>${escapeHtml(mail.to)}</td><td>${escapeHtml(mail.from.name)}</td>
      <td><a href="/mailbox/${mail.id}">${escapeHtml(mail.subject)}</a></td></tr>`,
  );
  const list = `<table><thead><tr><th>Time (UTC)</th><th>To</th><th>From</th><th>Subject</th></tr></thead>
    <tbody>${rows.join('')}</tbody></table>`;
  return page('Mailbox', mails.length === 0 ? '<p>No mail yet.</p>' : list);
}

const withLinks = (text: string) =>
  escapeHtml(text).replace(/https?:\/\/[^\s<]+/g, (link) => `<a href="${link}" target="_blank">${link}</a>`);

/** One mail in both forms. Links open in a new tab. */
export function mailPage(mail: KeptMail): string {
  const html = `<base target="_blank">${mail.html}`;
  return page(
    mail.subject,
    `<p><a href="/mailbox">All mails</a></p>
    <p>To ${escapeHtml(mail.to)}, from ${escapeHtml(`${mail.from.name} <${mail.from.email}>`)}, ${timeOf(mail)}</p>
    <h2>Text</h2><pre>${withLinks(mail.text)}</pre>
    <h2>HTML</h2><iframe title="HTML" sandbox="allow-popups allow-popups-to-escape-sandbox"
      srcdoc="${escapeHtml(html)}"></iframe>
    <p><a href="/mailbox/${mail.id}/html">Open the HTML by itself</a></p>`,
  );
}
