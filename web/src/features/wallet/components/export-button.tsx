import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { notify } from '../../../lib/notify.ts';
import { downloadLedger } from '../api/wallet.ts';
import { saveFile } from '../save-file.ts';

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
  return (
    <Button
      variant="default"
      size="xs"
      leftSection={<IconDownload size={15} aria-hidden />}
      loading={isPending}
      onClick={() => mutate()}
    >
      Download the ledger
    </Button>
  );
}
