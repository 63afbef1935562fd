import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { type UseMutationOptions, useMutation } from '@tanstack/react-query';
import type { ApiError } from '../lib/api-client.ts';
import { notify } from '../lib/notify.ts';
import { saveFile } from '../lib/save-file.ts';

type ExportButtonProps = { download: UseMutationOptions<Blob, ApiError, void>; fileName: string };

/** Downloads a list as a CSV file. */
export function ExportButton({ download, fileName }: ExportButtonProps) {
  const { mutate, isPending } = useMutation({
    ...download,
    onSuccess: (file) => saveFile(file, fileName),
    onError: ({ message }) => notify({ color: 'yellow', title: 'The export was not downloaded', message }),
  });
  return (
    <Button
      variant="default"
      leftSection={<IconDownload size={17} aria-hidden />}
      loading={isPending}
      onClick={() => mutate()}
    >
      Export CSV
    </Button>
  );
}
