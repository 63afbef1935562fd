import { ActionIcon, Button, Collapse, Group, Menu, Skeleton, Text, Textarea, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  IconAdjustmentsHorizontal,
  IconArrowUp,
  IconChevronDown,
  IconClockPlay,
  IconPlayerStopFilled,
} from '@tabler/icons-react';
import { type FormEvent, type KeyboardEvent, lazy, type RefObject, Suspense } from 'react';
import type { Model } from '../../../../../contracts/api/executions.ts';
import { useMissingFeature } from '../../levels/use-missing-feature.ts';
import { contentOf } from '../attachments.ts';
import { useConversationStore, useThread } from '../conversation-context.tsx';
import type { LocalPrompt } from '../conversation-store.ts';
import { useAttach } from '../use-attach.ts';
import { useEnterSends } from '../use-enter-sends.ts';
import { AttachButton } from './attach-button.tsx';
import { AttachmentList } from './attachment-list.tsx';
import { ModelPicker } from './model-picker.tsx';
import classes from './playground.module.css';

/** Loaded when it is first opened. */
const ConversationSettingsForm = lazy(async () => ({
  default: (await import('./conversation-settings.tsx')).ConversationSettingsForm,
}));

type PromptContent = LocalPrompt['content'];

const isApple = /Mac|iPhone|iPad/.test(navigator.platform);

/** Runs a prompt now, or in the background from its menu. */
function RunButton({ canRun, onBackground }: { canRun: boolean; onBackground: () => void }) {
  const missing = useMissingFeature('background_runs');
  return (
    <Button.Group>
      <Button
        type="submit"
        size="xs"
        radius="xl"
        disabled={!canRun}
        leftSection={<IconArrowUp size={16} aria-hidden />}
      >
        Run
      </Button>
      <Menu position="top-end" width={260}>
        <Menu.Target>
          <Button size="xs" radius="xl" px={8} disabled={!canRun} aria-label="More ways to send" ml={1}>
            <IconChevronDown size={15} aria-hidden />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconClockPlay size={18} stroke={1.7} />}
            onClick={onBackground}
            disabled={missing !== null}
          >
            Run in the background
            <Text size="xs" c="dimmed">
              {missing ?? 'You can close the page. The answer is stored for a day.'}
            </Text>
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Button.Group>
  );
}

const StopButton = ({ onStop }: { onStop: () => void }) => (
  <Button
    size="xs"
    radius="xl"
    variant="light"
    onClick={onStop}
    leftSection={<IconPlayerStopFilled size={14} aria-hidden />}
  >
    Stop
  </Button>
);

const AdvancedToggle = ({ isOpen, onToggle }: { isOpen: boolean; onToggle: () => void }) => (
  <Tooltip label="Advanced">
    <ActionIcon
      onClick={onToggle}
      aria-label="Advanced settings"
      aria-expanded={isOpen}
      variant={isOpen ? 'light' : 'subtle'}
      radius="xl"
      size={30}
    >
      <IconAdjustmentsHorizontal size={18} stroke={1.7} />
    </ActionIcon>
  </Tooltip>
);

type PromptFieldProps = {
  conversationId: string;
  promptRef: RefObject<HTMLTextAreaElement | null>;
  enterSends: boolean;
  onPasteFiles: (files: File[]) => void;
  onSubmit: (event: KeyboardEvent) => void;
};

/** The text of the prompt. Enter sends it, or Cmd or Ctrl with Enter; a pasted file is added to it. */
function PromptField(props: PromptFieldProps) {
  const { conversationId, promptRef, enterSends, onPasteFiles, onSubmit } = props;
  const store = useConversationStore();
  const { draft } = useThread(conversationId);
  return (
    <Textarea
      ref={promptRef}
      aria-label="Prompt"
      placeholder="Ask anything"
      autosize
      minRows={1}
      maxRows={10}
      variant="unstyled"
      classNames={{ input: classes.prompt ?? '' }}
      value={draft}
      onChange={(event) => store.change(conversationId, { draft: event.currentTarget.value })}
      onPaste={(event) => {
        const files = [...event.clipboardData.files];
        if (files.length === 0) return;
        event.preventDefault();
        onPasteFiles(files);
      }}
      onKeyDown={(event) => {
        // Enter also ends the choice of a character in Chinese or Japanese.
        if (event.key !== 'Enter' || event.nativeEvent.isComposing || event.shiftKey) return;
        if (enterSends || event.metaKey || event.ctrlKey) onSubmit(event);
      }}
    />
  );
}

type ComposerProps = {
  conversationId: string;
  models: Model[];
  model: Model;
  isRunning: boolean;
  onRun: (content: PromptContent, model: string, inBackground: boolean) => void;
  onStop: () => void;
  promptRef: RefObject<HTMLTextAreaElement | null>;
};

/** The prompt field, with files by button, paste and drop. */
export function Composer(props: ComposerProps) {
  const { conversationId, models, model, isRunning, onRun, onStop, promptRef } = props;
  const store = useConversationStore();
  const { draft, attachments, settings } = useThread(conversationId);
  const [advanced, { toggle }] = useDisclosure(false);
  const [enterSends, setEnterSends] = useEnterSends();
  const { attach, fileError, isOver, dropZone } = useAttach(conversationId);
  const canRun = (draft.trim() !== '' || attachments.length > 0) && !isRunning;

  function run(inBackground: boolean) {
    if (!canRun) return;
    store.change(conversationId, { draft: '', attachments: [] });
    onRun(contentOf(draft.trim(), attachments), model.name, inBackground);
  }

  function submit(event: FormEvent | KeyboardEvent) {
    event.preventDefault();
    run(false);
  }

  return (
    <form onSubmit={submit} className={classes.composer} data-over={isOver || undefined} {...dropZone}>
      <Collapse expanded={advanced}>
        {advanced && (
          <Suspense fallback={<Skeleton h={230} mb="sm" />}>
            <ConversationSettingsForm
              model={model}
              settings={settings}
              onChange={(changed) => store.change(conversationId, { settings: changed })}
              enterSends={enterSends}
              onEnterSends={setEnterSends}
            />
          </Suspense>
        )}
      </Collapse>
      <AttachmentList
        attachments={attachments}
        onRemove={(id) =>
          store.change(conversationId, { attachments: attachments.filter((one) => one.id !== id) })
        }
      />
      {fileError !== null && (
        <Text size="sm" c="var(--mantine-color-error)" px={6} pb={4} role="alert">
          {fileError}
        </Text>
      )}
      <PromptField
        conversationId={conversationId}
        promptRef={promptRef}
        enterSends={enterSends}
        onPasteFiles={attach}
        onSubmit={submit}
      />
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Group gap={6} wrap="nowrap">
          <ModelPicker
            models={models}
            value={model.name}
            onChange={(name) => store.change(conversationId, { settings: { ...settings, model: name } })}
            disabled={isRunning}
          />
          <AttachButton onAttach={attach} />
          <AdvancedToggle isOpen={advanced} onToggle={toggle} />
        </Group>
        <Group gap="sm" wrap="nowrap">
          <Text size="xs" c="dimmed" visibleFrom="sm">
            {enterSends ? 'Enter' : isApple ? '⌘ + Enter' : 'Ctrl + Enter'}
          </Text>
          {isRunning ? (
            <StopButton onStop={onStop} />
          ) : (
            <RunButton canRun={canRun} onBackground={() => run(true)} />
          )}
        </Group>
      </Group>
    </form>
  );
}
