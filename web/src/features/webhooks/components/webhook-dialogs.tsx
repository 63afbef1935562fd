import { Alert, Button, Checkbox, Group, Modal, Stack, TextInput } from '@mantine/core';
import { IconEyeOff } from '@tabler/icons-react';
import type {
  WebhookEndpoint,
  WebhookEndpointWithSecret,
} from '../../../../../contracts/api/tenant/webhooks.ts';
import { webhookEventTypes } from '../../../../../contracts/webhooks/event.ts';
import { CodeBlock } from '../../../ui/code-block.tsx';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { FormDrawer } from '../../../ui/form/form-drawer.tsx';
import { type ServerForm, useServerForm } from '../../../ui/form/use-server-form.ts';
import {
  changeWebhook,
  createWebhook,
  deleteWebhook,
  rotateWebhook,
  switchWebhook,
} from '../api/webhooks.ts';
import {
  draftOf,
  eventExplanations,
  readWebhook,
  readWebhookPatch,
  type WebhookDraft,
  webhookFields,
} from '../webhook-draft.ts';

function Fields({ form }: Pick<ServerForm<WebhookDraft, object>, 'form'>) {
  return (
    <>
      <TextInput
        label="URL"
        description="Events are posted to it: https, at a public host name."
        placeholder="https://hooks.example.com/events"
        type="url"
        maxLength={1_000}
        required
        data-autofocus
        {...form.getInputProps('url')}
      />
      <TextInput
        label="Description"
        description="A note for you and other administrators."
        maxLength={200}
        {...form.getInputProps('description')}
      />
      <Checkbox.Group label="Events" {...form.getInputProps('event_types')}>
        <Stack gap={10} mt={8}>
          {webhookEventTypes.map((type) => (
            <Checkbox key={type} value={type} label={type} description={eventExplanations[type]} />
          ))}
        </Stack>
      </Checkbox.Group>
    </>
  );
}

type NewProps = { onClose: () => void; onDone: (webhook: WebhookEndpointWithSecret) => void };

/** Creates an endpoint. `onDone` gets it with its secret, which is shown once. */
export function NewWebhookDrawer({ onClose, onDone }: NewProps) {
  const serverForm = useServerForm({
    ...{ initial: draftOf(null), fields: webhookFields, read: readWebhook },
    ...{ mutation: createWebhook, onClose, onDone },
  });
  return (
    <FormDrawer title="New webhook" action="Create the webhook" serverForm={serverForm}>
      <Fields form={serverForm.form} />
    </FormDrawer>
  );
}

type OfWebhook = { webhook: WebhookEndpoint; onClose: () => void; onDone: () => void };

/** Changes the URL, the description and the events of an endpoint. */
export function EditWebhookDrawer({ webhook, onClose, onDone }: OfWebhook) {
  const serverForm = useServerForm({
    ...{ initial: draftOf(webhook), fields: webhookFields, onClose, onDone },
    read: readWebhookPatch,
    mutation: changeWebhook(webhook.id),
  });
  return (
    <FormDrawer title="Edit webhook" serverForm={serverForm}>
      <Fields form={serverForm.form} />
    </FormDrawer>
  );
}

type RotateProps = { webhook: WebhookEndpoint } & NewProps;

/** Gives an endpoint a new secret. */
export const RotateWebhookDialog = ({ webhook: { id }, ...dialog }: RotateProps) => (
  <ConfirmDialog title="Rotate the secret?" action="Rotate" mutation={rotateWebhook(id)} {...dialog}>
    The new secret is shown once. For 24 hours events are signed with both, so that your servers can change
    over.
  </ConfirmDialog>
);

/** Enables or disables an endpoint. */
export const SwitchWebhookDialog = ({ webhook: { id, enabled }, ...dialog }: OfWebhook) => (
  <ConfirmDialog
    title={enabled ? 'Disable this webhook?' : 'Enable this webhook?'}
    action={enabled ? 'Disable' : 'Enable'}
    mutation={switchWebhook(id, !enabled)}
    {...dialog}
  >
    {enabled
      ? 'No events are sent, and events from now on are not kept for it.'
      : 'Events are sent again, also those that were waiting.'}
  </ConfirmDialog>
);

/** Deletes an endpoint. */
export const DeleteWebhookDialog = ({ webhook: { id, url }, ...dialog }: OfWebhook) => (
  <ConfirmDialog
    title="Delete this webhook?"
    action="Delete"
    isGrave
    mutation={deleteWebhook(id)}
    {...dialog}
  >
    No more events are sent to {url}. Its log is deleted as well. You cannot undo this.
  </ConfirmDialog>
);

type SecretProps = { webhook: WebhookEndpointWithSecret; onClose: () => void };

/** A new secret, shown once. A click outside does not close the dialog. */
export const WebhookSecretDialog = ({ webhook: { secret }, onClose }: SecretProps) => (
  <Modal
    opened
    onClose={onClose}
    size="lg"
    title="The secret of the webhook"
    closeOnClickOutside={false}
    closeOnEscape={false}
    withCloseButton={false}
  >
    <Stack>
      <Alert color="yellow" icon={<IconEyeOff aria-hidden />} title="Copy it now">
        You cannot see this secret again. Your server verifies events with it, by any library for Standard
        Webhooks.
      </Alert>
      <CodeBlock value={secret} label="Secret" wraps />
      <Group justify="end">
        <Button onClick={onClose}>I have copied it</Button>
      </Group>
    </Stack>
  </Modal>
);
