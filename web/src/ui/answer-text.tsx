import { Anchor, ScrollArea } from '@mantine/core';
import Markdown, { type MarkdownToJSX } from 'markdown-to-jsx/react';
import { isValidElement, type ReactNode } from 'react';
import classes from './answer-text.module.css';
import { CodeBlock } from './code-block.tsx';

type Child = { children?: ReactNode };

/** A heading inside an answer: the page has headings of its own. */
const Heading = ({ children }: Child) => <h2 className={classes.heading}>{children}</h2>;

/** Where the model points to is not ours: a new tab, without a referrer. An address that is not safe leaves its text. */
const OutsideLink = ({ href, children }: Child & { href?: string }) =>
  href ? (
    <Anchor href={href} target="_blank" rel="noopener noreferrer nofollow" underline="always" inherit>
      {children}
    </Anchor>
  ) : (
    children
  );

/** An image would be fetched from wherever the model says, telling it what was asked: only its description is shown. */
const ImageDescription = ({ alt }: { alt?: string }) => <em>{alt ?? 'image'}</em>;

/** Wider than the answer: it scrolls on its own, by keyboard too. */
const ScrollingTable = ({ children }: Child) => (
  <ScrollArea type="auto" viewportProps={{ tabIndex: 0, role: 'group', 'aria-label': 'Table' }}>
    <table>{children}</table>
  </ScrollArea>
);

/** The text inside rendered nodes. */
function textOf(node: ReactNode): string {
  if (typeof node === 'string' || typeof node === 'number') return String(node);
  if (Array.isArray(node)) return node.map(textOf).join('');
  return isValidElement<Child>(node) ? textOf(node.props.children) : '';
}

const Code = ({ children }: Child) => (
  <div className={classes.code}>
    <CodeBlock value={textOf(children)} label="Code">
      {children}
    </CodeBlock>
  </div>
);

const options: MarkdownToJSX.Options = {
  // What a model writes is text to show, never elements to make.
  disableParsingRawHTML: true,
  forceBlock: true,
  overrides: {
    h1: Heading,
    h2: Heading,
    h3: Heading,
    h4: Heading,
    h5: Heading,
    h6: Heading,
    a: OutsideLink,
    img: ImageDescription,
    pre: Code,
    table: ScrollingTable,
  },
};

/** A model's answer, with the Markdown most of them write. */
export function AnswerText({ text }: { text: string }) {
  return (
    <div className={classes.answer}>
      <Markdown options={options}>{text}</Markdown>
    </div>
  );
}
