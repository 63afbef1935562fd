import type { DocumentSchema } from './document.ts';

/** The constraints of a schema, in words. Pure. */

const numbers = new Intl.NumberFormat(undefined, { maximumFractionDigits: 20 });
const figure = (value: number) => numbers.format(value);

/** Bounds from here on only keep numbers exact, and are not shown. */
const FAR = 2 ** 50;

const near = (bound: number | undefined) =>
  bound === undefined || Math.abs(bound) >= FAR ? undefined : bound;

function range(min: number | undefined, max: number | undefined, unit: (count: number) => string): string[] {
  if (min !== undefined && min === max) return [`exactly ${figure(min)}${unit(min)}`];
  if (min !== undefined && max !== undefined) return [`${figure(min)} to ${figure(max)}${unit(max)}`];
  if (min !== undefined) return [`at least ${figure(min)}${unit(min)}`];
  return max === undefined ? [] : [`at most ${figure(max)}${unit(max)}`];
}

const counted = (one: string, many: string) => (count: number) => ` ${count === 1 ? one : many}`;

const numberFacts = (schema: DocumentSchema): string[] => {
  const above = near(schema.exclusiveMinimum);
  const below = near(schema.exclusiveMaximum);
  return [
    ...range(near(schema.minimum), near(schema.maximum), () => ''),
    ...(above === undefined ? [] : [`more than ${figure(above)}`]),
    ...(below === undefined ? [] : [`less than ${figure(below)}`]),
  ];
};

/** Leaves out a minimum length of zero. */
const length = (bound: number | undefined) => (bound === 0 ? undefined : near(bound));

/** The bounds and the format of a schema, each as a few words. */
export const factsOf = (schema: DocumentSchema): string[] => [
  ...(schema.format === undefined ? [] : [schema.format]),
  ...numberFacts(schema),
  ...range(length(schema.minLength), near(schema.maxLength), counted('character', 'characters')),
  ...range(length(schema.minItems), near(schema.maxItems), counted('item', 'items')),
  ...(schema.pattern === undefined ? [] : [`matches ${schema.pattern}`]),
];
