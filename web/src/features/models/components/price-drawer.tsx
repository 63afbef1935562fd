import { NumberInput, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { EffectivePrice, ModelPrice } from '../../../../../contracts/api/catalog.ts';
import { formatMicroUsd } from '../../../lib/format.ts';
import { classNames, type UsageClass, usageClasses } from '../../../lib/usage-classes.ts';
import { FormDrawer } from '../../../ui/form/form-drawer.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { type CatalogModel, createPrice } from '../api/catalog.ts';
import { draftOfPrice, type PriceDraft, priceFields, readPrice } from '../price-draft.ts';
import classes from './price-fields.module.css';

type FieldsProps = { form: UseFormReturnType<PriceDraft> };

type FiguresProps = FieldsProps & {
  /** The cost set by the platform, which the tenant cannot change; null when the tenant sets it. */
  platformCost: EffectivePrice['micro_usd_per_million'] | null;
};

const figure = {
  min: 0,
  clampBehavior: 'none',
  allowNegative: false,
  thousandSeparator: ',',
  hideControls: true,
} as const;

/** Price and cost of one class of tokens. */
function ClassFigures({ form, platformCost, name }: FiguresProps & { name: UsageClass }) {
  return (
    <>
      <Text size="sm" className={classes.class}>
        {classNames[name]}
      </Text>
      <NumberInput
        {...figure}
        aria-label={`${classNames[name]}: wallet tokens per 1,000`}
        allowDecimal={false}
        {...form.getInputProps(`wallet_tokens_per_1000.${name}`)}
      />
      {platformCost === null ? (
        <NumberInput
          {...figure}
          aria-label={`${classNames[name]}: US dollars per million`}
          prefix="$"
          decimalScale={6}
          {...form.getInputProps(`micro_usd_per_million.${name}`)}
        />
      ) : (
        <Text size="sm" className={`${classes.class} figure`}>
          {formatMicroUsd(platformCost[name])}
        </Text>
      )}
    </>
  );
}

const Column = ({ title, unit }: { title: string; unit: string }) => (
  <div aria-hidden>
    <Text size="sm" fw={600}>
      {title}
    </Text>
    <Text size="xs" c="dimmed">
      {unit}
    </Text>
  </div>
);

function Figures(props: FiguresProps) {
  return (
    <div className={classes.figures}>
      <span />
      <Column title="Price" unit="Wallet tokens per 1,000" />
      <Column title="Cost" unit="US dollars per million" />
      {usageClasses.map((name) => (
        <ClassFigures key={name} {...props} name={name} />
      ))}
    </div>
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
    read: (draft) => readPrice(draft, isOwn),
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
      <Figures form={form} platformCost={platformCost} />
      {platformCost !== null && (
        <Text size="xs" c="dimmed">
          The platform pays the provider and sets the cost.
        </Text>
      )}
      <EffectiveFrom form={form} />
    </FormDrawer>
  );
}
