import type { MailContent } from './content.ts';

/** Returns a mail as plain text. Pure. */
export const textOf = ({ paragraphs, action, hint }: MailContent, tenant: string): string =>
  [
    ...paragraphs,
    ...(action === null ? [] : [`${action.label}:\n${action.link}`]),
    hint,
    `-- \n${tenant}\n`,
  ].join('\n\n');
