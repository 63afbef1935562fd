import { Alert, Button, Group, Modal, Stack, Tabs, Text } from '@mantine/core';
import { IconEyeOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ApiKeyWithSecret } from '../../../../../contracts/api/account/api-keys.ts';
import { CodeBlock } from '../../../ui/code-block.tsx';
import { chatModelsQuery } from '../../executions/api/executions.ts';
import { snippetsOf } from '../key-snippets.ts';

/** Example programs with the key. Uses a model that the key can use. */
function Snippets({ apiKey }: { apiKey: ApiKeyWithSecret }) {
  const { data: models, isPending } = useQuery(chatModelsQuery);
  if (isPending) return null;
  const model = apiKey.allowed_models?.[0] ?? models?.[0]?.name ?? 'auto';
  const { secret, scopes } = apiKey;
  const snippets = snippetsOf({ origin: window.location.origin, secret, scopes, model });
  return (
    <div>
      <Text size="sm" fw={550} mb={4}>
        Ready to use
      </Text>
      <Tabs defaultValue={snippets[0]?.name ?? null}>
        <Tabs.List mb="xs">
          {snippets.map(({ name }) => (
            <Tabs.Tab key={name} value={name}>
              {name}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {snippets.map(({ name, code }) => (
          <Tabs.Panel key={name} value={name}>
            <CodeBlock value={code} label="Program" />
          </Tabs.Panel>
        ))}
      </Tabs>
    </div>
  );
}

/** A new secret, shown once. A click outside does not close the dialog. */
export function SecretDialog({ apiKey, onClose }: { apiKey: ApiKeyWithSecret; onClose: () => void }) {
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={`The secret of “${apiKey.name}”`}
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
    >
      <Stack>
        <Alert color="yellow" icon={<IconEyeOff aria-hidden />} title="Copy it now">
          You cannot see this secret again. Keep it safe: anyone who has it can use the key.
        </Alert>
        <CodeBlock value={apiKey.secret} label="Secret" wraps />
        <Snippets apiKey={apiKey} />
        <Group justify="end">
          <Button onClick={onClose}>I have copied it</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
