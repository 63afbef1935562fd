import { fieldsOf } from '../metering/reported-usage.ts';
import { isErrorText } from '../transport/body-error.ts';
import type { ServerSentEvent } from '../transport/server-sent-events.ts';
import { failed, jsonOf, type StreamReader } from '../transport/stream-reader.ts';
import { ChatAnswer } from './chat-answer.ts';
import { readOpenAiInBandError } from './errors.ts';

/** The mark of the end, which some servers write in quotes or in small letters. */
const DONE = /^"?\[done\]"?$/i;

/**
 * Reads a stream of chat completions. The answer is complete after `[DONE]`, or at the end of the body after a finish reason: some
 * servers omit one of them. Text and usage may follow a finish reason, so the stream is read to its end. An event without data
 * keeps the connection alive.
 */
export function readChatStream(): StreamReader<ServerSentEvent> {
  const answer = new ChatAnswer();
  return {
    read({ event, data }) {
      const text = data.trim();
      if (text === '') return [];
      if (DONE.test(text)) return answer.finish();
      const json = jsonOf(text);
      if (event === 'error') return [failed(readOpenAiInBandError(fieldsOf(json)?.error ?? json ?? text))];
      if (json !== undefined) return answer.read(json);
      return isErrorText(text) ? [failed(readOpenAiInBandError(text))] : answer.skip('An event is not JSON');
    },
    rest: () => answer.rest(),
    end: () => answer.end(),
    expects: () => answer.expects(),
  };
}
