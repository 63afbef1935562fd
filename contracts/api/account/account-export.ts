import { z } from 'zod';
import { account } from './auth.ts';

const rows = (description: string) => z.array(z.record(z.string(), z.unknown())).describe(description);

/** All that is kept of a user, as one document. */
export const accountExport = z
  .object({
    format: z.literal('vanilla-account/1').describe('The format of the document.'),
    exported_at: z.iso.datetime().describe('The time of the export.'),
    account: account.describe('The account.'),
    identities: rows('The accounts at identity providers.'),
    sessions: rows('The open sessions.'),
    api_keys: rows('The API keys, without secrets.'),
    executions: rows('The executions, newest first.'),
    files: rows('The uploaded files, without their contents, newest first.'),
    contents: rows('The stored prompts and answers, by execution.'),
    conversations: rows('The conversations of the playground, the last used first.'),
    conversation_messages: rows('The messages of the conversations, by conversation.'),
    ledger: rows('The entries of the wallet as they were hashed, oldest first.'),
    audit_log: rows('What the user did, newest first.'),
  })
  .meta({ id: 'AccountExport' });
