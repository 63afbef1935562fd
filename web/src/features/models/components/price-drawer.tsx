import { Button, Group, NumberInput, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import type { ModelPrice } from '../../../../../contracts/api/catalog.ts';
import { ratesOfPrompt } from '../../../../../contracts/catalog/price.ts';
import { FormDrawer } from '../../../ui/form/form-drawer.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { type CatalogModel, createPrice } from '../api/catalog.ts';
import { draftOfPrice, priceFields, readPrice, TIERS_MAX, withoutTier, withTier } from '../price-draft.ts';
import { Figures, type FiguresProps, figure } from './price-figures.tsx';

type FieldsProps = Pick<FiguresProps, 'form'>;

/** Rates for prompts longer than a number of tokens. */
function TierFigures({ index, ...props }: FiguresProps & { index: number }) {
  const { form, platformCost } = props;
  const length = form.values.wallet_tokens_per_1000.tiers[index]?.above_input_tokens;
  const cost =
    platformCost === null || typeof length !== 'number'
      ? platformCost
      : ratesOfPrompt(platformCost, length + 1);
  return (
    <Stack gap="xs">
      <Group align="end" justify="space-between">
        <NumberInput
          {...figure}
          label="Above prompt tokens"
          description="All tokens of a longer request have these rates."
          allowDecimal={false}
          {...form.getInputProps(`wallet_tokens_per_1000.tiers.${index}.above_input_tokens`)}
        />
        <Button variant="subtle" color="gray" onClick={() => form.setValues(withoutTier(form.values, index))}>
          Remove
        </Button>
      </Group>
      <Figures {...props} platformCost={cost} at={`tiers.${index}.`} />
    </Stack>
  );
}

function Tiers(props: Omit<FiguresProps, 'at'>) {
  const { form } = props;
  const { tiers } = form.values.wallet_tokens_per_1000;
  const error = form.errors['wallet_tokens_per_1000.tiers'];
  return (
    <Stack gap="md">
      {tiers.map((_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a tier has no identity but its place
        <TierFigures key={index} {...props} at="" index={index} />
      ))}
      {error !== undefined && (
        <Text size="sm" c="red" role="alert">
          {error}
        </Text>
      )}
      {tiers.length < TIERS_MAX && (
        <Button variant="default" onClick={() => form.setValues(withTier(form.values))}>
          Add rates for long prompts
        </Button>
      )}
    </Stack>
  );
}

function EffectiveFrom({ form }: FieldsProps) {
  const { choice, at } = form.values.effective_from;
  return (
    <Stack gap="xs">
      <Text size="sm" fw={500} id="price-from">
        Effective
      </Text>
      <SegmentedControl
        aria-labelledby="price-from"
        data={[
          { value: 'now', label: 'Now' },
          { value: 'later', label: 'Later' },
        ]}
        value={choice}
        onChange={(next) => form.setFieldValue('effective_from', { choice: next, at })}
      />
      {choice === 'later' && (
        <TextInput
          type="datetime-local"
          label="From"
          description="In your time zone."
          value={at}
          error={form.errors.effective_from}
          onChange={({ currentTarget }) =>
            form.setFieldValue('effective_from', { choice, at: currentTarget.value })
          }
        />
      )}
    </Stack>
  );
}

type PriceDrawerProps = {
  model: CatalogModel;
  /** True when the tenant sets the cost. */
  isOwn: boolean;
  /** The version that the form starts with. */
  newest: ModelPrice | null;
  onClose: () => void;
  onDone: (price: ModelPrice) => void;
};

/** Adds a version to the tenant's price of a model. */
export function PriceDrawer({ model, isOwn, newest, onClose, onDone }: PriceDrawerProps) {
  const serverForm = useServerForm({
    initial: draftOfPrice(newest),
    fields: priceFields,
    read: (draft) => readPrice(draft, isOwn, model.kind),
    mutation: createPrice(model.id),
    onClose,
    onDone,
  });
  const { form } = serverForm;
  const platformCost = isOwn ? null : (model.price?.micro_usd_per_million ?? null);
  return (
    <FormDrawer title={`New price of ${model.public_name}`} action="Add this version" serverForm={serverForm}>
      <Text size="sm" c="dimmed">
        Versions cannot be changed, so past charges can always be explained. Running executions keep their
        price.
      </Text>
      <Figures form={form} platformCost={platformCost} at="" kind={model.kind} />
      {model.kind === 'chat' && <Tiers form={form} platformCost={platformCost} kind={model.kind} />}
      {platformCost !== null && (
        <Text size="xs" c="dimmed">
          The platform pays the provider and sets the cost.
        </Text>
      )}
      <EffectiveFrom form={form} />
    </FormDrawer>
  );
}
