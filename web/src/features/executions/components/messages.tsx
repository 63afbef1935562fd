import { Image, Stack, Text } from '@mantine/core';
import type { ChatMessage, ToolCall } from '../../../../../contracts/chat.ts';
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

/** Text or an image. An image by URL is only named: loading it would tell its host that you look. */
function ContentPart({ part }: { part: Part }) {
  if (part.type === 'text') return <Text className="prose">{part.text}</Text>;
  const { source } = part;
  if (source.kind === 'url')
    return (
      <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
        Image at {source.url}
      </Text>
    );
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
