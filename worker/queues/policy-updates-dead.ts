import type { Log } from '../runtime/log.ts';

/**
 * Policy updates that failed for hours. Nothing rests on them for longer than a minute: whoever uses the wallet brings the
 * newest policy along, and the database refuses who is disabled or signed out. So a dead letter is an alert.
 */
export function consumeDeadPolicyUpdates(batch: MessageBatch, log: Log): void {
  for (const message of batch.messages) {
    log.error('policy_update_dead', {
      message_id: message.id,
      attempts: message.attempts,
      update: message.body,
    });
  }
  batch.ackAll();
}
