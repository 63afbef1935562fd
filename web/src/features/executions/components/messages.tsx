import { Image, Stack, Text } from '@mantine/core';
import type { ChatMessage, ToolCall } from '../../../../../contracts/chat.ts';
import { AnswerText } from '../../../ui/answer-text.tsx';
import { CodeBlock } from '../../../ui/code-block.tsx';

const speakers: Record<ChatMessage['role'], string> = {
  system: 'Instructions',
  user: 'Prompt',
  assistant: 'Answer before it',
  tool: 'What a tool answered',
};

/** What is kept never changes, so a place names what stands there. */
const placed = <Item,>(items: Item[]) => items.map((item, place) => ({ item, place }));

type Part = ChatMessage['content'][number];

/** An image that was sent along is shown; one that lies elsewhere is named, since showing it would tell its host. */
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

/** JSON is set in lines where it is valid; the model may have written something else. */
function indented(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}

/** Tools that a model wants called. */
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

/** What was asked, turn by turn. */
export function Messages({ messages }: { messages: ChatMessage[] }) {
  return placed(messages).map(({ place, item }) => <Message key={place} message={item} />);
}
