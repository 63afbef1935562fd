import type { ProviderSettings } from '../../../contracts/catalog/provider-settings.ts';
import { tagged } from '../chat/turns.ts';
import { fieldsOf } from '../metering/reported-usage.ts';

/** Changes of a request's body, as a provider's settings name them or its server taught them. Pure. */

/**
 * A parameter that is left out, or sent under another name; a field that is left out of all messages and tools; a type of blocks that is
 * left out of all messages; or messages of instructions that become text of the user.
 */
export type Adjustment =
  | { drop: string }
  | { rename: string; to: string }
  | { drop_field: string }
  | { drop_blocks: string }
  | { turn_role: 'system' };

/** The adjustments that the settings of a provider name. */
export const adjustmentsOf = ({
  drop_parameters,
  rename_parameters,
}: Pick<ProviderSettings, 'drop_parameters' | 'rename_parameters'>): Adjustment[] => [
  ...drop_parameters.map((drop) => ({ drop })),
  ...Object.entries(rename_parameters).map(([rename, to]) => ({ rename, to })),
];

/** The parameters that hold messages and tools, and the fields in which those hold parts, calls and functions. */
const HOLDERS = ['messages', 'system', 'tools'];
const NESTS = ['content', 'tool_calls', 'function'];

/** Changes every message, part, call and tool of a value. Arguments and schemas have fields of their own and stay as they are. */
function changed(value: unknown, change: (fields: Record<string, unknown>) => void): unknown {
  if (Array.isArray(value)) return value.map((one) => changed(one, change));
  const fields = fieldsOf(value);
  if (fields === null) return value;
  const copy = { ...fields };
  change(copy);
  for (const name of NESTS) if (name in copy) copy[name] = changed(copy[name], change);
  return copy;
}

/** True if a message, part, call or tool of a value has a field. */
function hasFieldIn(value: unknown, name: string): boolean {
  if (Array.isArray(value)) return value.some((one) => hasFieldIn(one, name));
  const fields = fieldsOf(value);
  return fields !== null && (name in fields || NESTS.some((nest) => hasFieldIn(fields[nest], name)));
}

/** True if a message, part, call or tool of a body has a field. */
export const hasField = (body: object, name: string): boolean =>
  HOLDERS.some((holder) => hasFieldIn((body as Record<string, unknown>)[holder], name));

/** Leaves out blocks of a type, and messages that hold nothing else. */
function withoutBlocks(messages: unknown, isLeftOut: (type: unknown) => boolean): unknown {
  if (!Array.isArray(messages)) return messages;
  return messages.flatMap((message) => {
    const content = fieldsOf(message)?.content;
    if (!Array.isArray(content)) return [message];
    const kept = content.filter((block) => !isLeftOut(fieldsOf(block)?.type));
    return kept.length === 0 ? [] : [{ ...message, content: kept }];
  });
}

/** Instructions between turns, in blocks of text. */
type Instruction = { role: 'system'; content: { text: string }[] };

const isInstruction = (message: unknown): message is Instruction => {
  const fields = fieldsOf(message);
  const blocks = fields?.role === 'system' && Array.isArray(fields.content) ? fields.content : [];
  return blocks.length > 0 && blocks.every((block) => typeof fieldsOf(block)?.text === 'string');
};

/** True for messages with instructions in blocks among them, as Anthropic's newer models take them. */
export const hasInstructions = (messages: unknown): boolean =>
  Array.isArray(messages) && messages.some(isInstruction);

/** Makes instructions in blocks text of the user. */
const withUserText = (messages: unknown): unknown =>
  Array.isArray(messages)
    ? messages.map((message) =>
        isInstruction(message) ? { role: 'user', content: tagged(message.content) } : message,
      )
    : messages;

function adjust(body: Map<string, unknown>, adjustment: Adjustment): void {
  if ('drop' in adjustment) body.delete(adjustment.drop);
  else if ('rename' in adjustment) {
    if (!body.has(adjustment.rename)) return;
    body.set(adjustment.to, body.get(adjustment.rename));
    body.delete(adjustment.rename);
  } else if ('drop_field' in adjustment) {
    for (const holder of HOLDERS.filter((name) => body.has(name))) {
      const value = changed(body.get(holder), (fields) => delete fields[adjustment.drop_field]);
      body.set(holder, value);
    }
  } else if ('turn_role' in adjustment) body.set('messages', withUserText(body.get('messages')));
  else {
    const isLeftOut = (type: unknown) => typeof type === 'string' && type.endsWith(adjustment.drop_blocks);
    body.set('messages', withoutBlocks(body.get('messages'), isLeftOut));
  }
}

/** The body with the adjustments made, one after the other. A parameter that is not there stays away. */
export function adjusted(body: object, adjustments: readonly Adjustment[]): Record<string, unknown> {
  const adjusting = new Map<string, unknown>(Object.entries(body));
  for (const adjustment of adjustments) adjust(adjusting, adjustment);
  return Object.fromEntries(adjusting);
}
