/** Conversations as trees: messages with the same parent are branches. Pure. */

type Node = { id: string; parent_id: string | null };

/** Returns the messages from the start of a conversation to one of them, in order. None if there is no such message. */
export function branchTo<Message extends Node>(messages: Message[], id: string | null): Message[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const branch: Message[] = [];
  for (let at = byId.get(id ?? ''); at !== undefined; at = byId.get(at.parent_id ?? '')) {
    branch.unshift(at);
    // A message is in a branch once: a tree that is none ends here.
    byId.delete(at.id);
  }
  return branch;
}

/** Returns the messages with the parent of one of them, itself included, the oldest first. */
export const siblingsOf = <Message extends Node>(messages: Message[], { parent_id }: Node): Message[] =>
  messages.filter((message) => message.parent_id === parent_id);

/** Returns the id of the last message of the newest branch below a message. */
export function newestBelow(messages: Node[], id: string): string {
  const seen = new Set<string>();
  let last = id;
  for (;;) {
    const child = messages.findLast(({ parent_id }) => parent_id === last);
    if (child === undefined || seen.has(child.id)) return last;
    seen.add(child.id);
    last = child.id;
  }
}
