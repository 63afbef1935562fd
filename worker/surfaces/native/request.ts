import type { CreateExecutionRequest, Message } from '../../../contracts/api/executions.ts';
import type { ChatMessage } from '../../../contracts/chat/chat.ts';
import type { ChatRequest } from '../../executions/chat-task.ts';

const partsOf = <Part>(content: string | Part[]): (Part | { type: 'text'; text: string })[] =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : content;

const chatMessageOf = (message: Message) =>
  ({ ...message, content: partsOf(message.content as string | never[]) }) as ChatMessage;

/** Translates a request of our own API to the neutral form. Pure. */
export function chatOfRequest(request: CreateExecutionRequest): ChatRequest {
  const {
    model,
    models,
    prompt,
    messages,
    max_output_tokens,
    stream: _stream,
    fit_to_balance: _fit,
    background: _background,
    fallback: _fallback,
    ...options
  } = request;
  const turns = messages ?? [{ role: 'user' as const, content: prompt ?? '' }];
  return {
    model,
    fallback_models: models,
    max_output_tokens,
    chat: { ...options, messages: turns.map(chatMessageOf) },
  };
}
