import { ActionIcon, Button, Collapse, Group, Text, Textarea, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconAdjustmentsHorizontal, IconArrowUp, IconPlayerStopFilled } from '@tabler/icons-react';
import type { FormEvent, KeyboardEvent, RefObject } from 'react';
import type { Model } from '../../../../contracts/api/executions.ts';
import { useConversation } from '../../contexts/conversation-context.tsx';
import { AdvancedSettings } from './advanced-settings.tsx';
import { ModelPicker } from './model-picker.tsx';
import classes from './playground.module.css';

const isApple = /Mac|iPhone|iPad/.test(navigator.platform);

type ComposerProps = {
  models: Model[];
  model: Model;
  isRunning: boolean;
  onRun: (prompt: string, model: string) => void;
  onStop: () => void;
  promptRef: RefObject<HTMLTextAreaElement | null>;
};

/** Where a prompt is written. Cmd or Ctrl with Enter sends it; Enter alone starts a new line. */
export function Composer({ models, model, isRunning, onRun, onStop, promptRef }: ComposerProps) {
  const { draft, setDraft, settings, setSettings } = useConversation();
  const [advanced, { toggle }] = useDisclosure(false);
  const canRun = draft.trim() !== '' && !isRunning;

  function submit(event: FormEvent | KeyboardEvent) {
    event.preventDefault();
    if (!canRun) return;
    onRun(draft.trim(), model.name);
    setDraft('');
  }

  return (
    <form onSubmit={submit} className={classes.composer}>
      <Collapse expanded={advanced}>
        <AdvancedSettings model={model} settings={settings} onChange={setSettings} />
      </Collapse>
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
        onChange={(event) => setDraft(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) submit(event);
        }}
      />
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Group gap={6} wrap="nowrap">
          <ModelPicker
            models={models}
            value={model.name}
            onChange={(name) => setSettings({ ...settings, model: name })}
            disabled={isRunning}
          />
          <Tooltip label="Advanced">
            <ActionIcon
              onClick={toggle}
              aria-label="Advanced settings"
              aria-expanded={advanced}
              variant={advanced ? 'light' : 'subtle'}
              radius="xl"
              size={30}
            >
              <IconAdjustmentsHorizontal size={18} stroke={1.7} />
            </ActionIcon>
          </Tooltip>
        </Group>
        <Group gap="sm" wrap="nowrap">
          <Text size="xs" c="dimmed" visibleFrom="sm">
            {isApple ? '⌘' : 'Ctrl'} + Enter
          </Text>
          {isRunning ? (
            <Button
              size="xs"
              radius="xl"
              variant="light"
              onClick={onStop}
              leftSection={<IconPlayerStopFilled size={14} aria-hidden />}
            >
              Stop
            </Button>
          ) : (
            <Button
              type="submit"
              size="xs"
              radius="xl"
              disabled={!canRun}
              leftSection={<IconArrowUp size={16} aria-hidden />}
            >
              Run
            </Button>
          )}
        </Group>
      </Group>
    </form>
  );
}
