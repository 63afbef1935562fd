import { Button, Collapse, NumberInput, Text } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useState } from 'react';
import type { EffectivePrice } from '../../../../../contracts/api/catalog.ts';
import type { ModelKind } from '../../../../../contracts/catalog/model-kinds.ts';
import {
  classesOfKind,
  fallbackOf,
  isOptionalClass,
  type OptionalClass,
  type UsageClass,
} from '../../../../../contracts/catalog/price.ts';
import { currencyTitle, useCurrency } from '../../../lib/currency.ts';
import { formatMicroUsd } from '../../../lib/format.ts';
import { classNames, commonClasses, optionalClasses } from '../../../lib/usage-classes.ts';
import { type FiguresAt, hasOptionalFigures, type PriceDraft } from '../price-draft.ts';
import classes from './price-fields.module.css';

export type FiguresProps = {
  form: UseFormReturnType<PriceDraft>;
  /** The cost set by the platform, which the tenant cannot change; null when the tenant sets it. */
  platformCost: EffectivePrice['micro_usd_per_million'] | null;
  at: FiguresAt;
  /** The kind of the model, which decides the classes. */
  kind: ModelKind;
};

export const figure = {
  min: 0,
  clampBehavior: 'none',
  allowNegative: false,
  thousandSeparator: ',',
  hideControls: true,
} as const;

/** The rate of a class that has none of its own, in words. */
const fallbackWords = (name: OptionalClass) => `As ${classNames[fallbackOf(name)].toLowerCase()}`;

/** Says in an empty field of an optional class which rate it has. */
const asFallback = (name: UsageClass) => (isOptionalClass(name) ? { placeholder: fallbackWords(name) } : {});

/** The platform's cost of a class in words. */
function costWords(cost: EffectivePrice['micro_usd_per_million'], name: UsageClass): string {
  const own = cost[name];
  if (own !== undefined) return formatMicroUsd(own);
  return isOptionalClass(name) ? fallbackWords(name) : '';
}

/** Returns the classes that models of a kind are priced by. */
export const ofKind = <Name extends UsageClass>(names: readonly Name[], kind: ModelKind): Name[] =>
  names.filter((name) => classesOfKind(kind).includes(name));

/** Price and cost of one class of tokens. */
function ClassFigures({ form, platformCost, at, name }: FiguresProps & { name: UsageClass }) {
  const { currency_name } = useCurrency();
  return (
    <>
      <Text size="sm" className={classes.class}>
        {classNames[name]}
      </Text>
      <NumberInput
        {...figure}
        aria-label={`${classNames[name]}: ${currency_name} per 1,000`}
        allowDecimal={false}
        {...asFallback(name)}
        {...form.getInputProps(`wallet_tokens_per_1000.${at}${name}`)}
      />
      {platformCost === null ? (
        <NumberInput
          {...figure}
          aria-label={`${classNames[name]}: US dollars per million`}
          prefix="$"
          decimalScale={6}
          {...asFallback(name)}
          {...form.getInputProps(`micro_usd_per_million.${at}${name}`)}
        />
      ) : (
        <Text size="sm" className={`${classes.class} figure`}>
          {costWords(platformCost, name)}
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

/** Price and cost of the optional classes, shown when one is set or asked for. */
function OptionalFigures(props: FiguresProps) {
  const [isOpen, setOpen] = useState(() => hasOptionalFigures(props.form.values, props.at));
  return (
    <>
      <Button
        variant="subtle"
        size="compact-sm"
        my="xs"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        Images, audio and long caching
      </Button>
      <Collapse expanded={isOpen}>
        <div className={classes.figures}>
          {ofKind(optionalClasses, props.kind).map((name) => (
            <ClassFigures key={name} {...props} name={name} />
          ))}
        </div>
      </Collapse>
    </>
  );
}

/** Price and cost of every class of tokens. Those of images, audio and an hour in the cache are optional and folded away. */
export function Figures(props: FiguresProps) {
  const currency = useCurrency();
  return (
    <div>
      <div className={classes.figures}>
        <span />
        <Column title="Price" unit={`${currencyTitle(currency)} per 1,000 tokens`} />
        <Column title="Cost" unit="US dollars per million tokens" />
        {ofKind(commonClasses, props.kind).map((name) => (
          <ClassFigures key={name} {...props} name={name} />
        ))}
      </div>
      {ofKind(optionalClasses, props.kind).length > 0 && <OptionalFigures {...props} />}
    </div>
  );
}
