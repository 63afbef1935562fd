import { Button, Tooltip } from '@mantine/core';
import { IconDownload, IconLock } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { notify } from '../../../lib/notify.ts';
import { saveFile } from '../../../lib/save-file.ts';
import { useMissingFeature } from '../../levels/use-missing-feature.ts';
import { downloadLedger } from '../api/wallet.ts';

type ExportButtonProps = {
  /** The ledger's user; null for the caller. */
  userId: string | null;
  /** Part of the file's name. */
  name: string;
};

/** Downloads a whole ledger, ready to be verified. */
export function ExportButton({ userId, name }: ExportButtonProps) {
  const { mutate, isPending } = useMutation({
    ...downloadLedger(userId),
    onSuccess: (file) => saveFile(file, `ledger-${name}.ndjson`),
    onError: ({ message }) => notify({ color: 'yellow', title: 'The ledger was not downloaded', message }),
  });
  const missing = useMissingFeature('exports');
  const button = (
    <Button
      variant="default"
      size="xs"
      leftSection={
        missing === null ? <IconDownload size={15} aria-hidden /> : <IconLock size={15} aria-hidden />
      }
      loading={isPending}
      {...(missing !== null && { 'data-disabled': true, 'aria-disabled': true })}
      onClick={() => missing === null && mutate()}
    >
      Download the ledger
    </Button>
  );
  if (missing === null) return button;
  return (
    <Tooltip label={missing} multiline maw={320}>
      {button}
    </Tooltip>
  );
}
