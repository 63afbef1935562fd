import type { Message } from '../../../../contracts/api/executions.ts';

/** A prompt, and its answer if one came. */
type PastTurn = { prompt: string; answer: string | null };

/** The messages of a request: the system prompt, the answered turns, and the new prompt. Pure. */
export function messagesOf(system: string, past: PastTurn[], prompt: string): Message[] {
  const turns = past.flatMap(({ prompt: asked, answer }): Message[] =>
    answer === null || answer === ''
      ? []
      : [
          { role: 'user', content: asked },
          { role: 'assistant', content: answer },
        ],
  );
  const instructions: Message[] = system.trim() === '' ? [] : [{ role: 'system', content: system.trim() }];
  return [...instructions, ...turns, { role: 'user', content: prompt }];
}
