import { Alert, Button, Group, Stack } from '@mantine/core';
import { IconEyeOff } from '@tabler/icons-react';
import { saveFile } from '../lib/save-file.ts';
import { CodeBlock } from './code-block.tsx';

type RecoveryCodesProps = { codes: string[]; onDone: () => void };

/** New recovery codes, which are shown once. */
export function RecoveryCodes({ codes, onDone }: RecoveryCodesProps) {
  const text = codes.join('\n');
  return (
    <Stack>
      <Alert color="yellow" icon={<IconEyeOff aria-hidden />} title="Keep these recovery codes">
        Each signs you in once if you lose your device. You cannot see them again.
      </Alert>
      <CodeBlock value={text} label="Recovery codes" />
      <Group justify="end">
        <Button
          variant="default"
          onClick={() => saveFile(new Blob([`${text}\n`], { type: 'text/plain' }), 'recovery-codes.txt')}
        >
          Download
        </Button>
        <Button onClick={onDone}>I have kept them</Button>
      </Group>
    </Stack>
  );
}
