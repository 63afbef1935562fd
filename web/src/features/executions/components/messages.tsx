import { Group, Image, Stack, Text } from '@mantine/core';
import { IconFileMusic, IconFileTypePdf } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { ChatMessage, ToolCall } from '../../../../../contracts/chat/chat.ts';
import { formatBytes } from '../../../lib/format.ts';
import { AnswerText } from '../../../ui/answer-text.tsx';
import { CodeBlock } from '../../../ui/code-block.tsx';

const speakers: Record<ChatMessage['role'], string> = {
  system: 'Instructions',
  user: 'Prompt',
  assistant: 'Previous answer',
  tool: 'Tool result',
};

/** Items with their position as key: stored messages never change. */
const placed = <Item,>(items: Item[]) => items.map((item, place) => ({ item, place }));

type Part = ChatMessage['content'][number];

/** The bytes of a text in base64. */
const bytesOfBase64 = (data: string): number => Math.floor((data.replace(/=+$/, '').length * 3) / 4);

/** A line that names what was sent. */
const Named = ({ children }: { children: ReactNode }) => (
  <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
    {children}
  </Text>
);

/** A document by its name, its size and its context. It is not shown: a PDF can run scripts. */
function Document({ part: { source, title, context } }: { part: Extract<Part, { type: 'document' }> }) {
  const name = title ?? 'Document';
  return (
    <div>
      <Group gap={6} wrap="nowrap">
        <IconFileTypePdf size={18} aria-hidden style={{ flex: 'none' }} />
        <Named>
          {source.kind === 'url'
            ? `${name}, at ${source.url}`
            : `${name}, ${formatBytes(bytesOfBase64(source.data))}`}
        </Named>
      </Group>
      {context !== undefined && <Text className="prose">{context}</Text>}
    </div>
  );
}

/** A recording by its type and its size. */
function Recording({ part: { source } }: { part: Extract<Part, { type: 'audio' }> }) {
  return (
    <Group gap={6} wrap="nowrap">
      <IconFileMusic size={18} aria-hidden style={{ flex: 'none' }} />
      <Named>
        Recording, {source.media_type}, {formatBytes(bytesOfBase64(source.data))}
      </Named>
    </Group>
  );
}

/** Text, an image, a document or a recording. What has a URL is only named: loading it would tell its host that you look. */
function ContentPart({ part }: { part: Part }) {
  if (part.type === 'text') return <Text className="prose">{part.text}</Text>;
  if (part.type === 'document') return <Document part={part} />;
  if (part.type === 'audio') return <Recording part={part} />;
  const { source } = part;
  if (source.kind === 'url') return <Named>Image at {source.url}</Named>;
  return (
    <Image
      src={`data:${source.media_type};base64,${source.data}`}
      alt="Sent with the prompt"
      radius="md"
      w="auto"
      maw="100%"
      mah={320}
      fit="contain"
    />
  );
}

/** JSON with indentation. A model may write invalid JSON, which is returned unchanged. */
function indented(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}

/** Tool calls that the model asks for, with their arguments. */
export function ToolCalls({ calls }: { calls: ToolCall[] }) {
  return calls.map(({ id, name, arguments: json }) => (
    <div key={id}>
      <Text size="sm" mb={4}>
        Calls the tool <strong>{name}</strong>
      </Text>
      <CodeBlock value={indented(json)} label="Arguments" />
    </div>
  ));
}

function Message({ message }: { message: ChatMessage }) {
  return (
    <Stack gap="xs">
      <Text size="xs" c="dimmed" fw={550}>
        {speakers[message.role]}
      </Text>
      {message.role === 'assistant' ? (
        <>
          <AnswerText text={message.content.map(({ text }) => text).join('\n')} />
          <ToolCalls calls={message.tool_calls ?? []} />
        </>
      ) : (
        placed<Part>(message.content).map(({ place, item }) => <ContentPart key={place} part={item} />)
      )}
    </Stack>
  );
}

/** The messages of the prompt, oldest first. */
export function Messages({ messages }: { messages: ChatMessage[] }) {
  return placed(messages).map(({ place, item }) => <Message key={place} message={item} />);
}
