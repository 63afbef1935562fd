import { appendEvent, emptyCompletion } from '../chat/collect.ts';
import type { ProviderResult } from '../provider.ts';
import { failureOfBody } from '../transport/body-error.ts';
import { ChatAnswer } from './chat-answer.ts';

/** Reads the body of a successful call that was answered in one piece. Pure. */
export function readChatCompletion(body: unknown): ProviderResult {
  const answer = new ChatAnswer();
  let completion = emptyCompletion;
  for (const event of [...answer.read(body), ...answer.finish()]) {
    if (event.type === 'failed') return { ok: false, failure: failureOfBody(event.failure, body) };
    completion = appendEvent(completion, event);
  }
  return { ok: true, completion };
}
