import { ActionIcon, Button, Group, Text, Textarea, Tooltip } from '@mantine/core';
import { IconFile, IconPencil } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import type { LocalPrompt } from '../conversation-store.ts';
import classes from './playground.module.css';

type Content = LocalPrompt['content'];
type Part = Exclude<Content, string>[number];

const FILE_TEXT = /^File ([^\n]+):\n\n/;

/** A file of a prompt: an image as a picture, everything else by its name. */
function PromptFile({ part }: { part: Part }) {
  if (part.type === 'image' && part.source.kind === 'base64')
    return (
      <img
        className={classes.picture}
        src={`data:${part.source.media_type};base64,${part.source.data}`}
        alt="Attached by you"
      />
    );
  const name =
    part.type === 'document'
      ? (part.title ?? 'Document')
      : part.type === 'text'
        ? (FILE_TEXT.exec(part.text)?.[1] ?? 'Text')
        : part.type === 'audio'
          ? 'Recording'
          : 'Image';
  return (
    <span className={classes.file}>
      <IconFile size={15} aria-hidden /> {name}
    </span>
  );
}

const isFile = (part: Part) => part.type !== 'text' || FILE_TEXT.test(part.text);

/** Returns the words of a prompt, and its files. */
function splitContent(content: Content): { text: string; files: Part[] } {
  if (typeof content === 'string') return { text: content, files: [] };
  const words = content.flatMap((part) => (isFile(part) || part.type !== 'text' ? [] : [part.text]));
  return { text: words.join('\n'), files: content.filter(isFile) };
}

/** Replaces the words of a prompt and keeps its files. */
const withText = (files: Part[], text: string): Content =>
  files.length === 0 ? text : [...files, { type: 'text', text }];

/** Puts the cursor into a field that has just appeared. */
const focus = (field: HTMLTextAreaElement | null) => field?.focus();

type EditorProps = { text: string; onCancel: () => void; onSend: (text: string) => void };

function PromptEditor({ text, onCancel, onSend }: EditorProps) {
  const [edited, setEdited] = useState(text);
  const canSend = edited.trim() !== '';
  return (
    <form
      className={classes.editor}
      onSubmit={(event) => {
        event.preventDefault();
        if (canSend) onSend(edited.trim());
      }}
    >
      <Textarea
        aria-label="Edited prompt"
        autosize
        minRows={2}
        maxRows={12}
        ref={focus}
        value={edited}
        onChange={(event) => setEdited(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onCancel();
        }}
      />
      <Group justify="space-between" mt="xs">
        <Text size="xs" c="dimmed">
          Begins a new branch. The earlier one stays.
        </Text>
        <Group gap="xs">
          <Button size="xs" variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button size="xs" type="submit" disabled={!canSend}>
            Send
          </Button>
        </Group>
      </Group>
    </form>
  );
}

type PromptViewProps = {
  prompt: LocalPrompt;
  /** Sends an edited prompt as a branch; undefined while an answer is running. */
  onEdit: ((content: Content) => void) | undefined;
  /** The switch between versions of the prompt. */
  children: ReactNode;
};

/** A prompt with its files, which can be edited to begin a branch. */
export function PromptView({ prompt, onEdit, children }: PromptViewProps) {
  const [isEdited, setIsEdited] = useState(false);
  const { text, files } = splitContent(prompt.content);
  if (isEdited && onEdit !== undefined)
    return (
      <PromptEditor
        text={text}
        onCancel={() => setIsEdited(false)}
        onSend={(edited) => {
          setIsEdited(false);
          onEdit(withText(files, edited));
        }}
      />
    );
  return (
    <div className={classes.asked}>
      {files.length > 0 && (
        <Group gap="xs" justify="end">
          {Array.from(files.entries(), ([place, part]) => (
            <PromptFile key={place} part={part} />
          ))}
        </Group>
      )}
      {text !== '' && <Text className={`${classes.question} prose`}>{text}</Text>}
      <Group gap={4} justify="end" className={classes.promptActions}>
        {children}
        {onEdit !== undefined && (
          <Tooltip label="Edit and send again">
            <ActionIcon size="sm" onClick={() => setIsEdited(true)} aria-label="Edit this prompt">
              <IconPencil size={15} stroke={1.7} />
            </ActionIcon>
          </Tooltip>
        )}
      </Group>
    </div>
  );
}
