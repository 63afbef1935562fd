import { fieldsOf } from '../metering/reported-usage.ts';
import type { StreamEvent } from '../provider.ts';
import type { ServerSentEvent } from '../transport/server-sent-events.ts';
import { failed, jsonOf, type StreamReader, unreadable } from '../transport/stream-reader.ts';
import {
  type AnswerPart,
  generatedContent,
  googleFinishReason,
  readGoogleError,
  readGoogleUsage,
  toolCallOf,
} from './answer.ts';

/**
 * Reads a stream of Google's generateContent: each event is an answer that holds the new parts. Only the end of the body marks
 * the end, so the answer is complete after a finish reason or a block reason. Every event reports the usage so far; the last
 * report counts.
 */
export function readContentStream(): StreamReader<ServerSentEvent> {
  let calls = 0;
  let hasText = false;
  let reason: string | undefined;
  let isBlocked = false;
  let usage: unknown = null;

  const readPart = ({ text, thought, functionCall }: AnswerPart): StreamEvent[] => {
    if (functionCall !== undefined) {
      const { id, name, arguments: json } = toolCallOf(functionCall);
      const index = calls;
      calls += 1;
      return [
        { type: 'tool_call', index, id, name },
        { type: 'tool_arguments', index, json },
      ];
    }
    if (text === undefined || text === '') return [];
    if (thought === true) return [{ type: 'reasoning', text }];
    hasText = true;
    return [{ type: 'text', text }];
  };

  return {
    read({ data }) {
      const json = jsonOf(data);
      if (json === undefined) return unreadable('An event is not JSON');
      const error = fieldsOf(json)?.error;
      if (error !== undefined) return [failed(readGoogleError(error, null))];
      const parsed = generatedContent.safeParse(json);
      if (!parsed.success) return unreadable('An event is not generated content');
      const { candidates, promptFeedback, usageMetadata } = parsed.data;
      const candidate = candidates[0];
      usage = usageMetadata ?? usage;
      reason = candidate?.finishReason ?? reason;
      isBlocked ||= promptFeedback?.blockReason !== undefined;
      return (candidate?.content?.parts ?? []).flatMap(readPart);
    },
    end() {
      if (reason === undefined && !isBlocked) return null;
      return {
        type: 'done',
        finish_reason: isBlocked ? 'content_filter' : googleFinishReason(reason, calls > 0),
        usage: readGoogleUsage(usage, hasText || calls > 0),
      };
    },
  };
}
