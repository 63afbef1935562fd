import type { Log } from '../runtime/log.ts';

/**
 * Journal messages that failed to be written many times over. Nothing is lost with them: the wallet keeps every entry until
 * Postgres has confirmed it, and sends it again. So a dead letter is an alert, not a thing to repair from.
 */
export function consumeDeadJournal(batch: MessageBatch, log: Log): void {
  for (const message of batch.messages) {
    log.error('journal_message_dead', { message_id: message.id, attempts: message.attempts });
  }
  batch.ackAll();
}
