import { ActionIcon, Button, Collapse, Group, Menu, Text, Textarea, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  IconAdjustmentsHorizontal,
  IconArrowUp,
  IconChevronDown,
  IconClockPlay,
  IconPlayerStopFilled,
} from '@tabler/icons-react';
import type { FormEvent, KeyboardEvent, RefObject } from 'react';
import type { Model } from '../../../../../contracts/api/executions.ts';
import { useMissingFeature } from '../../levels/use-missing-feature.ts';
import { useConversation } from '../conversation-context.tsx';
import { AdvancedSettings } from './advanced-settings.tsx';
import { ModelPicker } from './model-picker.tsx';
import classes from './playground.module.css';

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

type ComposerProps = {
  models: Model[];
  model: Model;
  isRunning: boolean;
  onRun: (prompt: string, model: string, inBackground: boolean) => void;
  onStop: () => void;
  promptRef: RefObject<HTMLTextAreaElement | null>;
};

/** The prompt field. Cmd or Ctrl with Enter sends it; Enter alone starts a new line. */
export function Composer({ models, model, isRunning, onRun, onStop, promptRef }: ComposerProps) {
  const { draft, setDraft, settings, setSettings } = useConversation();
  const [advanced, { toggle }] = useDisclosure(false);
  const canRun = draft.trim() !== '' && !isRunning;

  function run(inBackground: boolean) {
    if (!canRun) return;
    onRun(draft.trim(), model.name, inBackground);
    setDraft('');
  }

  function submit(event: FormEvent | KeyboardEvent) {
    event.preventDefault();
    run(false);
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
          <AdvancedToggle isOpen={advanced} onToggle={toggle} />
        </Group>
        <Group gap="sm" wrap="nowrap">
          <Text size="xs" c="dimmed" visibleFrom="sm">
            {isApple ? '⌘' : 'Ctrl'} + Enter
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
