import { Code, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconChevronRight } from '@tabler/icons-react';
import { type ReactNode, useId } from 'react';
import type { Field, Shape } from '../shape.ts';
import { explained, type Meaning } from '../value-meanings.ts';
import { InlineText } from './inline-text.tsx';
import classes from './shape-view.module.css';

type DisclosureProps = { label: ReactNode; of: string; children: ReactNode };

/** Content behind a button. `of` completes the button's name for screen readers. */
export function Disclosure({ label, of, children }: DisclosureProps) {
  const [isOpen, { toggle }] = useDisclosure();
  const id = useId();
  return (
    <>
      <UnstyledButton
        className={classes.disclosure}
        onClick={toggle}
        aria-expanded={isOpen}
        {...(isOpen ? { 'aria-controls': id } : {})}
      >
        <IconChevronRight size={15} stroke={2} aria-hidden className={classes.chevron} />
        {label}
        <VisuallyHidden> {of}</VisuallyHidden>
      </UnstyledButton>
      {isOpen && (
        <div id={id} className={classes.inside}>
          {children}
        </div>
      )}
    </>
  );
}

const typeWords = ({ type, isNullable }: Shape) => (isNullable ? `${type} or null` : type);

type DemandsProps = { facts: string[]; values: string[]; examples: string[] };

/** The constraints of a value, its allowed values, and examples. */
function Demands({ facts, values, examples }: DemandsProps) {
  if (facts.length + values.length + examples.length === 0) return null;
  return (
    <div className={classes.demands}>
      {facts.length > 0 && <span>{facts.join(' · ')}</span>}
      {values.map((value) => (
        <Code key={value}>{value}</Code>
      ))}
      {examples.length > 0 && <span>for example</span>}
      {examples.map((example) => (
        <Code key={example}>{example}</Code>
      ))}
    </div>
  );
}

const Meanings = ({ meanings }: { meanings: Meaning[] }) => (
  <dl className={classes.meanings}>
    {meanings.map(({ value, text }) => (
      <div key={value} className={classes.meaning}>
        <dt>
          <Code>{value}</Code>
        </dt>
        <dd>
          <InlineText>{text}</InlineText>
        </dd>
      </div>
    ))}
  </dl>
);

/** The description of a shape, the meaning of its values, and its constraints. */
function About({ shape: { description, facts, values, examples } }: { shape: Shape }) {
  const { description: text, meanings } = explained(description, values);
  return (
    <>
      {text !== null && (
        <p className={classes.description}>
          <InlineText>{text}</InlineText>
        </p>
      )}
      {meanings.length > 0 && <Meanings meanings={meanings} />}
      <Demands facts={facts} values={meanings.length > 0 ? [] : values} examples={examples} />
    </>
  );
}

/** The fields and variants of a shape, behind a button. */
function Inside({ shape, name }: { shape: Shape; name: string }) {
  const { fields, variants } = shape;
  if (fields.length + variants.length === 0) return null;
  const label =
    fields.length > 0
      ? `${fields.length} ${fields.length === 1 ? 'field' : 'fields'}`
      : `one of ${variants.length}`;
  return (
    <Disclosure label={label} of={`of ${name}`}>
      <ShapeFields shape={shape} />
    </Disclosure>
  );
}

type RowProps = { name: string; shape: Shape; isRequired?: boolean; isForm?: boolean };

function Row({ name, shape, isRequired = false, isForm = false }: RowProps) {
  const type = typeWords(shape);
  return (
    <li className={classes.row}>
      <div className={classes.head}>
        <code className={classes.name}>{name}</code>
        {(!isForm || !name.startsWith(type)) && <span className={classes.type}>{type}</span>}
        {isRequired && <span className={classes.required}>required</span>}
        {shape.defaultValue !== null && (
          <span className={classes.default}>
            default <code>{shape.defaultValue}</code>
          </span>
        )}
      </div>
      <About shape={shape} />
      <Inside shape={shape} name={name} />
    </li>
  );
}

/** A list of fields: of an object, or the parameters of a request. */
export function FieldList({ fields }: { fields: Field[] }) {
  return (
    <ul className={classes.list}>
      {fields.map((field) => (
        <Row key={field.name} {...field} />
      ))}
    </ul>
  );
}

function ShapeFields({ shape: { fields, variants } }: { shape: Shape }) {
  if (fields.length > 0) return <FieldList fields={fields} />;
  return (
    <ul className={classes.list}>
      {variants.map(({ name, shape }) => (
        <Row key={name} name={name} shape={shape} isForm />
      ))}
    </ul>
  );
}

/** A body: its fields, and its type unless it is a plain object. */
export function ShapeView({ shape }: { shape: Shape }) {
  const { fields, variants } = shape;
  const type = variants.length > 0 ? `${typeWords(shape)}, one of ${variants.length}` : typeWords(shape);
  return (
    <>
      {(fields.length === 0 || type !== 'object') && <p className={classes.type}>{type}</p>}
      <About shape={shape} />
      {fields.length + variants.length > 0 && <ShapeFields shape={shape} />}
    </>
  );
}
