import type { Message } from '../../../../contracts/api/executions.ts';

/** A prompt or an answer of a branch. */
type BranchMessage =
  | { id: string; role: 'user'; content: Extract<Message, { role: 'user' }>['content'] }
  | { id: string; role: 'assistant'; text: string };

/** The messages of a request: the system prompt, and the branch up to its last prompt without prompts that got no answer. Pure. */
export function messagesOf(system: string, branch: BranchMessage[]): Message[] {
  const messages: Message[] = system.trim() === '' ? [] : [{ role: 'system', content: system.trim() }];
  branch.forEach((message, index) => {
    if (message.role === 'assistant') return;
    const next = branch[index + 1];
    const answer = next?.role === 'assistant' ? next.text : '';
    if (answer === '' && index < branch.length - 1) return;
    messages.push({ role: 'user', content: message.content });
    if (answer !== '') messages.push({ role: 'assistant', content: answer });
  });
  return messages;
}
