import {
  Alert,
  Anchor,
  Button,
  Checkbox,
  Group,
  NumberInput,
  SegmentedControl,
  Select,
  Text,
  TextInput,
} from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Provider } from '../../../../../contracts/api/catalog.ts';
import { modelKinds } from '../../../../../contracts/catalog/model-kinds.ts';
import { useCurrency } from '../../../lib/currency.ts';
import { formatMicroUsd, formatTokens, formatTokensShort, sentenceList } from '../../../lib/format.ts';
import { classNames } from '../../../lib/usage-classes.ts';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { FormDrawer } from '../../../ui/form/form-drawer.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { ListLoading } from '../../../ui/list-loading.tsx';
import { tenantSettingsQuery } from '../../settings/api/tenant-settings.ts';
import { addListedModels, type ListedModel, listedModelsQuery } from '../api/list-prices.ts';
import {
  emptyPick,
  foundModels,
  type PickDraft,
  pickedClasses,
  pickFields,
  readPick,
  withTypedRate,
} from '../picked-models.ts';
import { Margin } from './margin.tsx';
import classes from './pick-models.module.css';

type FormProps = { form: UseFormReturnType<PickDraft>; wallet_tokens_per_usd: number };

/** The cost, the price and the margin of each class of a picked model. */
function Prices({ form, model, wallet_tokens_per_usd }: FormProps & { model: ListedModel }) {
  const { values } = form;
  const { currency_name } = useCurrency();
  return (
    <div className={classes.prices}>
      <Text size="xs" c="dimmed" />
      <Text size="xs" c="dimmed">
        List price
        <br />
        per million
      </Text>
      <Text size="xs" c="dimmed">
        Price in {currency_name}
        <br />
        per 1,000
      </Text>
      <Text size="xs" c="dimmed">
        Margin
      </Text>
      {pickedClasses(values, model, wallet_tokens_per_usd).map(
        ({ name, micro_usd_per_million, wallet_tokens_per_1000: rate, margin }) => (
          <div key={name} className={classes.row}>
            <Text size="sm">{classNames[name]}</Text>
            <Text size="sm" className="figure">
              {formatMicroUsd(micro_usd_per_million)}
            </Text>
            {values.pricing === 'markup' ? (
              <Text size="sm" className="figure">
                {formatTokens(Number(rate))}
              </Text>
            ) : (
              <NumberInput
                size="xs"
                aria-label={`${model.provider_model}, ${classNames[name]}: ${currency_name} per 1,000 tokens`}
                min={0}
                allowDecimal={false}
                allowNegative={false}
                thousandSeparator=","
                hideControls
                value={rate}
                onChange={(value) => form.setValues(withTypedRate(values, model.provider_model, name, value))}
              />
            )}
            <Margin margin={margin} />
          </div>
        ),
      )}
    </div>
  );
}

const boundsOf = ({ kind, context_window_tokens, max_output_tokens }: ListedModel): string =>
  [
    modelKinds[kind].label,
    `${formatTokensShort(context_window_tokens)} tokens of context`,
    ...(max_output_tokens > 0 ? [`${formatTokensShort(max_output_tokens)} of output`] : []),
  ].join(' · ');

function Choice({ form, model, wallet_tokens_per_usd }: FormProps & { model: ListedModel }) {
  const { picked } = form.values;
  const { provider_model, added_as, source } = model;
  const isAdded = added_as.length > 0;
  const isPicked = picked.includes(provider_model);
  const others = picked.filter((name) => name !== provider_model);
  return (
    <li className={classes.choice}>
      <Group justify="space-between" wrap="nowrap" align="start">
        <Checkbox
          label={provider_model}
          description={isAdded ? `Added as ${sentenceList(added_as)}` : boundsOf(model)}
          disabled={isAdded}
          checked={isAdded || isPicked}
          onChange={() => form.setFieldValue('picked', isPicked ? others : [...picked, provider_model])}
        />
        <Anchor href={source} target="_blank" rel="noreferrer" size="xs" underline="always">
          Source
        </Anchor>
      </Group>
      {isPicked && <Prices form={form} model={model} wallet_tokens_per_usd={wallet_tokens_per_usd} />}
    </li>
  );
}

/** The ways to set prices: a markup, or figures by hand. */
function Pricing({ form }: Pick<FormProps, 'form'>) {
  const { currency_name } = useCurrency();
  return (
    <Group align="end" gap="sm">
      <SegmentedControl
        aria-label="Pricing"
        data={[
          { value: 'markup', label: 'Markup' },
          { value: 'by_hand', label: `Enter ${currency_name}` },
        ]}
        {...form.getInputProps('pricing')}
      />
      <NumberInput
        label="Markup on the list price"
        suffix=" %"
        min={-100}
        max={10_000}
        clampBehavior="none"
        decimalScale={2}
        hideControls
        w={190}
        disabled={form.values.pricing !== 'markup'}
        {...form.getInputProps('markup_percent')}
      />
    </Group>
  );
}

type PickFormProps = {
  provider: Provider;
  providers: Provider[];
  models: ListedModel[];
  wallet_tokens_per_usd: number;
  onProvider: (id: string) => void;
  onClose: () => void;
  onDone: (count: number) => void;
};

function ProviderChoice({ provider, providers, onProvider }: Omit<PickFormProps, 'models' | 'onClose'>) {
  return (
    <Select
      label="Provider"
      data={providers.map(({ id, name }) => ({ value: id, label: name }))}
      value={provider.id}
      allowDeselect={false}
      comboboxProps={{ withinPortal: false }}
      onChange={(id) => id !== null && onProvider(id)}
    />
  );
}

function PickForm(props: PickFormProps) {
  const { provider, models, wallet_tokens_per_usd, onClose, onDone } = props;
  const [search, setSearch] = useState('');
  const serverForm = useServerForm({
    initial: emptyPick,
    fields: pickFields,
    read: (draft) => readPick(draft, models, wallet_tokens_per_usd),
    mutation: addListedModels(provider.id),
    onClose,
    onDone: ({ items }) => onDone(items.length),
  });
  const { form } = serverForm;
  const count = form.values.picked.length;
  const found = foundModels(models, search);
  const error = form.errors.models;
  return (
    <FormDrawer
      title="Add models"
      size="lg"
      action={count < 2 ? 'Add the model' : `Add ${count} models`}
      serverForm={serverForm}
    >
      <ProviderChoice {...props} />
      {models.length === 0 ? (
        <Alert color="gray" title={`There is no price list for ${provider.name}`}>
          The catalog knows the models of the official addresses of OpenAI, Anthropic and Google. Add the
          models of this provider with Custom model.
        </Alert>
      ) : (
        <>
          <Pricing form={form} />
          <TextInput
            type="search"
            aria-label="Search models"
            placeholder="Search models"
            leftSection={<IconSearch size={16} aria-hidden />}
            value={search}
            onChange={({ currentTarget }) => setSearch(currentTarget.value)}
          />
          {error !== undefined && (
            <Text size="sm" c="var(--mantine-color-error)" role="alert">
              {error}
            </Text>
          )}
          <ul className={classes.choices}>
            {found.map((model) => (
              <Choice
                key={model.provider_model}
                form={form}
                model={model}
                wallet_tokens_per_usd={wallet_tokens_per_usd}
              />
            ))}
          </ul>
          {found.length === 0 && <Text size="sm">No model’s name contains “{search}”.</Text>}
        </>
      )}
    </FormDrawer>
  );
}

type DrawerProps = {
  /** The tenant's own providers. */
  providers: Provider[];
  /** The provider that is chosen first. */
  providerId: string;
  onClose: () => void;
  onDone: (count: number) => void;
};

/** Adds models of the catalog to a provider, with their limits, capabilities and prices. */
export function PickModelsDrawer({ providers, providerId, onClose, onDone }: DrawerProps) {
  const [chosen, setChosen] = useState(providerId);
  const provider = providers.find(({ id }) => id === chosen) ?? providers[0];
  const listed = useQuery({ ...listedModelsQuery(provider?.id ?? ''), enabled: provider !== undefined });
  const settings = useQuery(tenantSettingsQuery);
  const error = listed.error ?? settings.error;
  if (error !== null)
    return <ErrorAlert error={error} onRetry={() => [listed.refetch(), settings.refetch()]} />;
  if (provider === undefined || listed.data === undefined || settings.data === undefined)
    return <ListLoading />;
  return (
    <PickForm
      key={provider.id}
      provider={provider}
      providers={providers}
      models={listed.data}
      wallet_tokens_per_usd={settings.data.wallet_tokens_per_usd}
      onProvider={setChosen}
      onClose={onClose}
      onDone={onDone}
    />
  );
}

/** The button that opens {@link PickModelsDrawer}, and the one for models that no catalog knows. */
export const AddModelButtons = ({ onPick, onCustom }: { onPick: () => void; onCustom: () => void }) => (
  <Group gap="xs">
    <Button variant="default" onClick={onCustom}>
      Custom model
    </Button>
    <Button onClick={onPick}>Add models</Button>
  </Group>
);
