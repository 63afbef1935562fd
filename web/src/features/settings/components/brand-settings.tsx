import { Alert, Paper, Stack, Text, TextInput, Title } from '@mantine/core';
import { useEffect } from 'react';
import type { TenantSettings } from '../../../../../contracts/api/tenant/tenant.ts';
import { useShowBranding } from '../../../lib/tenant-context.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { ColourInput } from '../../../ui/form/colour-input.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { contrastOf } from '../../../ui/palette.ts';
import { changeTenantSettings } from '../api/tenant-settings.ts';
import { type BrandDraft, brandDraftOf, brandFields, previewOf, readBrand } from '../brand-draft.ts';
import { LogoInput } from './logo-input.tsx';
import { SaveBar } from './save-bar.tsx';

type BrandSettingsProps = {
  settings: TenantSettings;
  onDirty: (id: string, isDirty: boolean) => void;
  onDone: (notice: string) => void;
};

/** The contrast with the page below which a colour is hard to see as a button's edge (WCAG 2.2, 1.4.11). */
const CONTRAST_OF_CONTROLS = 3;

const isPale = (color: string) =>
  /^#[0-9a-f]{6}$/i.test(color) && contrastOf(color, '#ffffff') < CONTRAST_OF_CONTROLS;

/** The name, tagline, colour and logo of the tenant. The app itself is the preview: it shows a change while it is made. */
export function BrandSettings({ settings, onDirty, onDone }: BrandSettingsProps) {
  const showBranding = useShowBranding();
  const { branding } = settings;
  const saved = brandDraftOf(branding);
  const { form, formRef, submit, isSending, error } = useServerForm({
    initial: saved,
    fields: brandFields,
    read: (draft: BrandDraft) => readBrand(draft),
    mutation: changeTenantSettings,
    onDone: (answer) => {
      form.setValues(brandDraftOf(answer.branding));
      onDone('Everybody sees the new brand within a minute.');
    },
  });
  const draft = form.values;
  const isDirty = JSON.stringify(draft) !== JSON.stringify(saved);
  useEffect(() => onDirty('brand', isDirty), [onDirty, isDirty]);
  useEffect(() => showBranding(previewOf(branding, draft)), [showBranding, branding, draft]);
  useEffect(() => () => showBranding(branding), [showBranding, branding]);
  return (
    <Paper withBorder p={{ base: 'md', sm: 'lg' }} component="section" aria-labelledby="settings-brand">
      <Title order={2} id="settings-brand">
        Brand
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        What everybody sees at this hostname. This page shows a change while you make it; others see it once
        it is saved.
      </Text>
      <Stack gap="lg">
        <LogoInput branding={branding} onDone={onDone} />
        <form
          ref={formRef}
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            submit();
          }}
        >
          <Stack>
            <TextInput
              label="Name"
              maxLength={60}
              maw={420}
              {...form.getInputProps('name')}
              error={form.errors['branding.name']}
            />
            <TextInput
              label="Tagline"
              description="A line below the name on the sign-in page."
              placeholder="None"
              maxLength={140}
              maw={420}
              {...form.getInputProps('tagline')}
              error={form.errors['branding.tagline']}
            />
            <ColourInput
              label="Colour"
              description="Buttons and links. Texts in it are made darker or lighter until they are readable."
              {...form.getInputProps('primary_color')}
              error={form.errors['branding.primary_color']}
            />
            {isPale(draft.primary_color) && (
              <Alert color="yellow" variant="light" maw={420}>
                This colour is pale: buttons stand out little from a light page.
              </Alert>
            )}
            {error !== null && <ErrorAlert error={error} />}
            {isDirty && (
              <SaveBar
                isSending={isSending}
                onDiscard={() => {
                  form.setValues(saved);
                  form.clearErrors();
                }}
              />
            )}
          </Stack>
        </form>
      </Stack>
    </Paper>
  );
}
