import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { ApiError } from '../../../lib/api-client.ts';
import { notify } from '../../../lib/notify.ts';
import { fetchLedgerFile } from '../api/wallet.ts';
import { saveFile } from '../save-file.ts';

type ExportButtonProps = {
  /** Whose ledger; null for one's own. */
  userId: string | null;
  /** What tells the file from others. */
  name: string;
};

/** Downloads a ledger in full, as anybody can verify it. */
export function ExportButton({ userId, name }: ExportButtonProps) {
  const [isLoading, setLoading] = useState(false);

  async function download() {
    setLoading(true);
    try {
      saveFile(await fetchLedgerFile(userId), `ledger-${name}.ndjson`);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      notify({ color: 'yellow', title: 'The ledger was not downloaded', message: error.message });
    } finally {
      setLoading(false);
    }
  }

  return (
    <Button
      variant="default"
      size="xs"
      leftSection={<IconDownload size={15} aria-hidden />}
      loading={isLoading}
      onClick={download}
    >
      Download the ledger
    </Button>
  );
}
