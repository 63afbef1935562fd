import type { Message } from '../../../contracts/api/executions.ts';
import type { Turn } from '../contexts/conversation-context.tsx';

/** What the model is told: the system prompt, the turns that were answered, and the new prompt. Pure. */
export function messagesOf(system: string, turns: Turn[], prompt: string): Message[] {
  const past = turns.flatMap(({ prompt: asked, outcome }): Message[] => {
    if (outcome.state !== 'answered' || !outcome.execution.output_text) return [];
    return [
      { role: 'user', content: asked },
      { role: 'assistant', content: outcome.execution.output_text },
    ];
  });
  const instructions: Message[] = system.trim() === '' ? [] : [{ role: 'system', content: system.trim() }];
  return [...instructions, ...past, { role: 'user', content: prompt }];
}
