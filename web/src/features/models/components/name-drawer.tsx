import { NativeSelect, Switch, TagsInput, Text } from '@mantine/core';
import type { PublicModelName } from '../../../../../contracts/api/model-names.ts';
import { routingStrategies } from '../../../../../contracts/catalog/model-routing.ts';
import { FormDrawer } from '../../../ui/form/form-drawer.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { setModelName } from '../api/model-names.ts';
import { draftOfName, nameFields, readName, strategyNames } from '../name-draft.ts';

const strategies = routingStrategies.map((strategy) => ({ value: strategy, label: strategyNames[strategy] }));

type NameDrawerProps = { name: PublicModelName; onClose: () => void; onDone: () => void };

/** Changes the aliases of a public name, and the order in which its models are tried. */
export function NameDrawer({ name, onClose, onDone }: NameDrawerProps) {
  const serverForm = useServerForm({
    initial: draftOfName(name),
    fields: nameFields,
    read: readName,
    mutation: setModelName(name.name),
    onClose,
    onDone,
  });
  const { form } = serverForm;
  return (
    <FormDrawer title={name.name} serverForm={serverForm}>
      <TagsInput
        label="Aliases"
        description="Further names in requests, such as dated ids. Enter a name and press Enter."
        maxLength={200}
        {...form.getInputProps('aliases')}
      />
      {name.platform_aliases.length > 0 && (
        <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          Aliases of the platform: {name.platform_aliases.join(', ')}
        </Text>
      )}
      <NativeSelect
        label="Order of the models"
        description="If one fails, the next one is tried."
        data={strategies}
        {...form.getInputProps('strategy')}
      />
      <Switch
        label="Keep a conversation at its provider"
        description="The next turn goes to the provider that answered the last one, which may have the conversation cached."
        {...form.getInputProps('keeps_provider', { type: 'checkbox' })}
      />
    </FormDrawer>
  );
}
