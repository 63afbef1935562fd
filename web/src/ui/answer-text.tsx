import { Anchor, ScrollArea } from '@mantine/core';
import Markdown, { type MarkdownToJSX } from 'markdown-to-jsx/react';
import { isValidElement, type ReactNode } from 'react';
import classes from './answer-text.module.css';
import { CodeBlock } from './code-block.tsx';

type Child = { children?: ReactNode };

/** A heading inside an answer, below the page's own headings. */
const Heading = ({ children }: Child) => <h2 className={classes.heading}>{children}</h2>;

/** A link of an answer, opened in a new tab without a referrer. An unsafe address becomes plain text. */
const OutsideLink = ({ href, children }: Child & { href?: string }) =>
  href ? (
    <Anchor href={href} target="_blank" rel="noopener noreferrer nofollow" underline="always" inherit>
      {children}
    </Anchor>
  ) : (
    children
  );

/** The description of an image. Loading the image itself would send data to a host the model chose. */
const ImageDescription = ({ alt }: { alt?: string }) => <em>{alt ?? 'image'}</em>;

/** A table that scrolls sideways, also by keyboard. */
const ScrollingTable = ({ children }: Child) => (
  <ScrollArea type="auto" viewportProps={{ tabIndex: 0, role: 'group', 'aria-label': 'Table' }}>
    <table>{children}</table>
  </ScrollArea>
);

/** The text of rendered nodes. */
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
  // HTML in an answer is shown as text.
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

/** A model's answer, rendered as Markdown. */
export function AnswerText({ text }: { text: string }) {
  return (
    <div className={classes.answer}>
      <Markdown options={options}>{text}</Markdown>
    </div>
  );
}
