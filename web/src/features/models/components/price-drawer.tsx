import { NumberInput, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import type { EffectivePrice, ModelPrice } from '../../../../../contracts/api/catalog.ts';
import { formatMicroUsd } from '../../../lib/format.ts';
import { classNames, type UsageClass, usageClasses } from '../../../lib/usage-classes.ts';
import { useDraft } from '../../../lib/use-draft.ts';
import { FormDrawer } from '../../../ui/form-drawer.tsx';
import { type CatalogModel, postPrice } from '../api/catalog.ts';
import { draftOfPrice, type PriceDraft, type PriceErrors, priceFields, readPrice } from '../price-draft.ts';
import classes from './price-fields.module.css';

type FieldsProps = {
  draft: PriceDraft;
  errors: PriceErrors;
  change: (part: Partial<PriceDraft>) => void;
  /** What the platform says its model costs, which is not ours to change; null where it is. */
  platformsCost: EffectivePrice['micro_usd_per_million'] | null;
};

const figure = {
  min: 0,
  clampBehavior: 'none',
  allowNegative: false,
  thousandSeparator: ',',
  hideControls: true,
} as const;

/** What users pay and what it costs, for one class of tokens. */
function ClassFigures({ draft, errors, change, platformsCost, name }: FieldsProps & { name: UsageClass }) {
  const [rate, cost] = [`wallet_tokens_per_1000.${name}`, `micro_usd_per_million.${name}`] as const;
  return (
    <>
      <Text size="sm" className={classes.class}>
        {classNames[name]}
      </Text>
      <NumberInput
        {...figure}
        aria-label={`${classNames[name]}: wallet tokens per 1,000`}
        allowDecimal={false}
        value={draft[rate]}
        error={errors[rate]}
        onChange={(value) => change({ [rate]: value })}
      />
      {platformsCost === null ? (
        <NumberInput
          {...figure}
          aria-label={`${classNames[name]}: US dollars per million`}
          prefix="$"
          decimalScale={6}
          value={draft[cost]}
          error={errors[cost]}
          onChange={(value) => change({ [cost]: value })}
        />
      ) : (
        <Text size="sm" className={`${classes.class} figure`}>
          {formatMicroUsd(platformsCost[name])}
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

function Figures(props: FieldsProps) {
  return (
    <div className={classes.figures}>
      <span />
      <Column title="Users pay" unit="Wallet tokens per 1,000" />
      <Column title="It costs" unit="US dollars per million" />
      {usageClasses.map((name) => (
        <ClassFigures key={name} {...props} name={name} />
      ))}
    </div>
  );
}

function Moment({ draft, errors, change }: FieldsProps) {
  const { choice, at } = draft.effective_from;
  return (
    <Stack gap="xs">
      <Text size="sm" fw={500} id="price-from">
        In force
      </Text>
      <SegmentedControl
        aria-labelledby="price-from"
        data={[
          { value: 'now', label: 'From now on' },
          { value: 'later', label: 'Later' },
        ]}
        value={choice}
        onChange={(next) => change({ effective_from: { choice: next, at } })}
      />
      {choice === 'later' && (
        <TextInput
          type="datetime-local"
          label="From"
          description="In your time zone."
          value={at}
          error={errors.effective_from}
          onChange={({ currentTarget }) => change({ effective_from: { choice, at: currentTarget.value } })}
        />
      )}
    </Stack>
  );
}

type PriceDrawerProps = {
  model: CatalogModel;
  /** Whether what it costs is ours to say. */
  isOwn: boolean;
  /** What the form begins with: the newest version there is. */
  newest: ModelPrice | null;
  onClose: () => void;
  onDone: (price: ModelPrice) => void;
};

/** Puts a new version of a price on the tenant's own list. */
export function PriceDrawer({ model, isOwn, newest, onClose, onDone }: PriceDrawerProps) {
  const { draft, change, submit, isSending, errors, rest } = useDraft(draftOfPrice(newest), priceFields);
  const platformsCost = isOwn ? null : (model.price?.micro_usd_per_million ?? null);
  const fields = { draft, errors, change, platformsCost };
  return (
    <FormDrawer
      title={`New price of ${model.public_name}`}
      action="Add this version"
      isSending={isSending}
      error={rest}
      onSubmit={() => submit(readPrice(draft, isOwn), (request) => postPrice(model.id, request), onDone)}
      onClose={onClose}
    >
      <Text size="sm" c="dimmed">
        Versions never change, so that everything that was charged can be explained. What runs already keeps
        its price.
      </Text>
      <Figures {...fields} />
      {platformsCost !== null && (
        <Text size="xs" c="dimmed">
          What it costs stands on the platform’s list, as it is now: the platform’s key pays the provider.
        </Text>
      )}
      <Moment {...fields} />
    </FormDrawer>
  );
}
