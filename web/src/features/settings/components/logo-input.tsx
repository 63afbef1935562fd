import { Avatar, Button, FileButton, Group, Input, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { TenantSettings } from '../../../../../contracts/api/tenant/tenant.ts';
import { BRAND_IMAGE_BYTES_MAX, brandImageTypes } from '../../../../../contracts/tenants/brand-image.ts';
import { refusalOf } from '../../../lib/form-errors.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { removeLogo, uploadLogo } from '../api/tenant-settings.ts';

type LogoInputProps = { branding: TenantSettings['branding']; onDone: (notice: string) => void };

const HELP = `PNG, JPEG, WebP or SVG, square, at most ${BRAND_IMAGE_BYTES_MAX / 1_024} KiB.`;
const TOO_LARGE = `The image has more than ${BRAND_IMAGE_BYTES_MAX / 1_024} KiB. Choose a smaller one.`;

/** The logo, with buttons to replace and remove it. A new one is uploaded at once. */
export function LogoInput({ branding, onDone }: LogoInputProps) {
  const { mutate, isPending, error, reset } = useMutation(uploadLogo);
  const [isTooLarge, setTooLarge] = useState(false);
  const [isRemoving, setRemoving] = useState(false);
  const { errors, rest } = refusalOf(error, ['body']);
  const { name, logo_url } = branding;

  function upload(file: File | null) {
    if (file === null) return;
    reset();
    setTooLarge(file.size > BRAND_IMAGE_BYTES_MAX);
    if (file.size <= BRAND_IMAGE_BYTES_MAX)
      mutate(file, { onSuccess: () => onDone('Everybody sees the new logo within a minute.') });
  }

  return (
    <Stack gap="xs">
      <Input.Wrapper
        label="Logo"
        labelElement="div"
        description={HELP}
        error={isTooLarge ? TOO_LARGE : errors.body}
      >
        <Group gap="md" mt="xs">
          <Avatar src={logo_url} alt="" radius="md" size={64} color="brand" variant="filled" aria-hidden>
            {name.slice(0, 1).toUpperCase()}
          </Avatar>
          <FileButton onChange={upload} accept={brandImageTypes.join(',')}>
            {(props) => (
              <Button variant="default" loading={isPending} {...props}>
                {logo_url === null ? 'Upload a logo' : 'Replace the logo'}
              </Button>
            )}
          </FileButton>
          {logo_url !== null && (
            <Button variant="subtle" color="red" disabled={isPending} onClick={() => setRemoving(true)}>
              Remove
            </Button>
          )}
        </Group>
      </Input.Wrapper>
      {rest !== null && <ErrorAlert error={rest} />}
      {isRemoving && (
        <ConfirmDialog
          title="Remove the logo?"
          action="Remove"
          isGrave
          mutation={removeLogo}
          onClose={() => setRemoving(false)}
          onDone={() => {
            setRemoving(false);
            onDone('The initial of the name takes the place of the logo.');
          }}
        >
          The initial of the name takes its place, within a minute. To use the image again, upload it again.
        </ConfirmDialog>
      )}
    </Stack>
  );
}
