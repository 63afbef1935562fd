import { Button, Collapse, NumberInput, Text } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useState } from 'react';
import type { EffectivePrice } from '../../../../../contracts/api/catalog.ts';
import type { ModelKind } from '../../../../../contracts/catalog/model-kinds.ts';
import { classesOfKind, isMediaClass, type UsageClass } from '../../../../../contracts/catalog/price.ts';
import { currencyTitle, useCurrency } from '../../../lib/currency.ts';
import { formatMicroUsd } from '../../../lib/format.ts';
import { classNames, commonClasses, mediaClasses } from '../../../lib/usage-classes.ts';
import { type FiguresAt, hasMediaFigures, type PriceDraft } from '../price-draft.ts';
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

/** The rate of images or audio that have none of their own, in words. */
const fallbackOf = (name: UsageClass) => (name.startsWith('input') ? 'As input' : 'As output');

/** Says in an empty field of images or audio which rate they have. */
const asFallback = (name: UsageClass) => (isMediaClass(name) ? { placeholder: fallbackOf(name) } : {});

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
          {platformCost[name] === undefined ? fallbackOf(name) : formatMicroUsd(platformCost[name])}
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

/** Price and cost of images and audio, shown when one is set or asked for. */
function MediaFigures(props: FiguresProps) {
  const [isOpen, setOpen] = useState(() => hasMediaFigures(props.form.values, props.at));
  return (
    <>
      <Button
        variant="subtle"
        size="compact-sm"
        my="xs"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        Images and audio
      </Button>
      <Collapse expanded={isOpen}>
        <div className={classes.figures}>
          {ofKind(mediaClasses, props.kind).map((name) => (
            <ClassFigures key={name} {...props} name={name} />
          ))}
        </div>
      </Collapse>
    </>
  );
}

/** Price and cost of every class of tokens. Those of images and audio are optional and folded away. */
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
      {ofKind(mediaClasses, props.kind).length > 0 && <MediaFigures {...props} />}
    </div>
  );
}
