import { common, createLowlight } from 'lowlight';
import type { ReactNode } from 'react';
import classes from './highlighted-code.module.css';

const lowlight = createLowlight(common);

type Nodes = ReturnType<typeof lowlight.highlight>['children'];

/** The colour of a part of code, by the name that highlight.js gives it. */
const colours: Record<string, string | undefined> = {
  'hljs-comment': classes.comment,
  'hljs-quote': classes.comment,
  'hljs-keyword': classes.keyword,
  'hljs-selector-tag': classes.keyword,
  'hljs-literal': classes.keyword,
  'hljs-string': classes.string,
  'hljs-regexp': classes.string,
  'hljs-addition': classes.string,
  'hljs-number': classes.number,
  'hljs-symbol': classes.number,
  'hljs-title': classes.title,
  'hljs-section': classes.title,
  'hljs-name': classes.title,
  'hljs-attr': classes.attribute,
  'hljs-attribute': classes.attribute,
  'hljs-property': classes.attribute,
  'hljs-built_in': classes.attribute,
  'hljs-type': classes.attribute,
  'hljs-deletion': classes.deletion,
};

/** Renders the tree of highlighted code as elements: no HTML of an answer is parsed. */
function drawn(nodes: Nodes): ReactNode {
  return Array.from(nodes.entries(), ([place, node]) => {
    if (node.type === 'text') return node.value;
    if (node.type !== 'element') return null;
    const names = Array.isArray(node.properties.className) ? node.properties.className : [];
    const colour = names.map((name) => colours[String(name)]).find((one) => one !== undefined);
    return (
      <span key={place} className={colour}>
        {drawn(node.children)}
      </span>
    );
  });
}

/** Longer code stays plain: highlighting it would block the page. */
const CHARACTERS_MAX = 50_000;

/** Code with the colours of its language, if that is known. */
export function HighlightedCode({ code, language }: { code: string; language: string }) {
  if (!lowlight.registered(language) || code.length > CHARACTERS_MAX) return code;
  return drawn(lowlight.highlight(language, code).children);
}
