import { NumberInput, Radio, Stack } from '@mantine/core';
import { useEffect } from 'react';
import type { TenantSettings } from '../../../../../contracts/api/tenant/tenant.ts';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { changeTenantSettings } from '../api/tenant-settings.ts';
import { type CacheDraft, cacheChoices, cacheDraftOf, cacheFields, readCacheDraft } from '../cache-draft.ts';
import { textsOf } from '../settings-form.ts';
import { SaveBar } from './save-bar.tsx';

type CacheFormProps = {
  settings: TenantSettings;
  onDirty: (isDirty: boolean) => void;
  onDone: (notice: string) => void;
};

const narrow = { wrapper: { maxWidth: 260 } };

/** The response cache: who gets a kept answer, for how long, and at which price. */
export function CacheForm({ settings, onDirty, onDone }: CacheFormProps) {
  const saved = cacheDraftOf(settings.response_cache);
  const { label, help } = textsOf('response_cache');
  const { form, formRef, submit, isSending, error } = useServerForm({
    initial: saved,
    fields: cacheFields,
    read: (draft: CacheDraft) => readCacheDraft(draft, settings.response_cache),
    mutation: changeTenantSettings,
    onDone: (answer) => {
      form.setValues(cacheDraftOf(answer.response_cache));
      onDone(`“${label}” is changed. It applies within a minute.`);
    },
  });
  const draft = form.values;
  const isDirty = JSON.stringify(draft) !== JSON.stringify(saved);
  useEffect(() => onDirty(isDirty), [onDirty, isDirty]);
  return (
    <form
      ref={formRef}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack>
        <Radio.Group label="Who gets a kept answer" description={help} {...form.getInputProps('use')}>
          <Stack gap="xs" mt="xs">
            {cacheChoices.map((choice) => (
              <Radio key={choice.value} value={choice.value} label={choice.label} description={choice.help} />
            ))}
          </Stack>
        </Radio.Group>
        {draft.use !== 'off' && (
          <>
            <NumberInput
              label="Minutes to keep an answer"
              description="Up to a week, which is 10,080 minutes. A shorter time applies to answers that are kept already."
              {...form.getInputProps('minutes')}
              onChange={(value) => form.setFieldValue('minutes', String(value))}
              error={form.errors['response_cache.ttl_s']}
              allowNegative={false}
              clampBehavior="none"
              hideControls
              styles={narrow}
            />
            <NumberInput
              label="Price of a kept answer"
              description="In percent of what the same tokens cost now. 0 makes it free. No provider is paid for it."
              suffix=" %"
              {...form.getInputProps('price_percent')}
              onChange={(value) => form.setFieldValue('price_percent', String(value))}
              error={form.errors['response_cache.price_percent']}
              allowDecimal={false}
              allowNegative={false}
              clampBehavior="none"
              hideControls
              styles={narrow}
            />
          </>
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
  );
}
