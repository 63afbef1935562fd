import { Anchor, ScrollArea } from '@mantine/core';
import Markdown, { type MarkdownToJSX } from 'markdown-to-jsx/react';
import { isValidElement, lazy, type ReactNode, Suspense } from 'react';
import classes from './answer-text.module.css';
import { CodeBlock } from './code-block.tsx';
import { INLINE_MATH, markMath } from './math-text.ts';

/** Loaded with the first code of an answer. */
const HighlightedCode = lazy(async () => ({
  default: (await import('./highlighted-code.tsx')).HighlightedCode,
}));
/** Loaded with the first formula of an answer. */
const Formula = lazy(async () => ({ default: (await import('./formula.tsx')).Formula }));

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

/** An image whose bytes are in the answer. */
const INLINE_IMAGE = /^data:image\/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+$/;

/** An image whose bytes are in the answer, else its description: loading it would send data to a host the model chose. */
const AnswerImage = ({ alt, src }: { alt?: string; src?: string }) =>
  src !== undefined && INLINE_IMAGE.test(src) ? (
    <img src={src} alt={alt ?? ''} className={classes.image} />
  ) : (
    <em>{alt ?? 'image'}</em>
  );

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

const LANGUAGE = /(?:^|\s)lang(?:uage)?-([\w+#.-]+)/;

/** The language that a block of code names, in lower case; null if it names none. */
function languageOf(block: ReactNode): string | null {
  if (!isValidElement<{ className?: string }>(block)) return null;
  return LANGUAGE.exec(block.props.className ?? '')?.[1]?.toLowerCase() ?? null;
}

/** A block of code with its language, or a formula on lines of its own. */
function Code({ children }: Child) {
  const code = textOf(children);
  const language = languageOf(children);
  if (language === 'math')
    return (
      <div className={classes.formula}>
        <Suspense fallback={<code>{code}</code>}>
          <Formula tex={code} isBlock />
        </Suspense>
      </div>
    );
  return (
    <div className={classes.code}>
      {language !== null && <div className={classes.language}>{language}</div>}
      <CodeBlock value={code} label="Code">
        <code>
          {language === null ? (
            code
          ) : (
            <Suspense fallback={code}>
              <HighlightedCode code={code} language={language} />
            </Suspense>
          )}
        </code>
      </CodeBlock>
    </div>
  );
}

/** Code or a formula within a line. */
function InlineCode({ children }: Child) {
  const code = textOf(children);
  if (!code.startsWith(INLINE_MATH)) return <code>{children}</code>;
  const tex = code.slice(INLINE_MATH.length);
  return (
    <Suspense fallback={<code>{tex}</code>}>
      <Formula tex={tex} isBlock={false} />
    </Suspense>
  );
}

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
    img: AnswerImage,
    pre: Code,
    code: InlineCode,
    table: ScrollingTable,
  },
};

/** A model's answer, rendered as Markdown. */
export function AnswerText({ text }: { text: string }) {
  return (
    <div className={classes.answer}>
      <Markdown options={options}>{markMath(text)}</Markdown>
    </div>
  );
}
