import { ActionIcon, FileButton, Tooltip } from '@mantine/core';
import { IconPaperclip } from '@tabler/icons-react';
import { useRef } from 'react';
import { ACCEPTED } from '../attachments.ts';

/** Opens the dialog for files. */
export function AttachButton({ onAttach }: { onAttach: (files: File[]) => void }) {
  const reset = useRef<() => void>(null);
  return (
    <FileButton
      multiple
      accept={ACCEPTED}
      resetRef={reset}
      onChange={(files) => {
        onAttach(files);
        reset.current?.();
      }}
    >
      {(button) => (
        <Tooltip label="Add files">
          <ActionIcon {...button} aria-label="Add files" radius="xl" size={30}>
            <IconPaperclip size={18} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      )}
    </FileButton>
  );
}
