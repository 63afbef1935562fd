import katex from 'katex';
import { useLayoutEffect, useRef, useState } from 'react';
import classes from './formula.module.css';

/** Draws single letters in the italics of the page: the letters of mathematics in Unicode, which browsers take, are in few fonts. */
function leanLetters(formula: Element): void {
  for (const letter of formula.querySelectorAll('mi:not([mathvariant])'))
    if (Array.from(letter.textContent ?? '').length === 1) letter.classList.add(classes.letter ?? '');
}

type FormulaProps = { tex: string; isBlock: boolean };

/** A formula in TeX, drawn as MathML by the browser. One that is not valid is shown as it was written. */
export function Formula({ tex, isBlock }: FormulaProps) {
  const place = useRef<HTMLSpanElement>(null);
  const [isInvalid, setIsInvalid] = useState(false);
  useLayoutEffect(() => {
    if (place.current === null) return;
    try {
      katex.render(tex, place.current, {
        ...{ displayMode: isBlock, output: 'mathml', throwOnError: true, strict: 'ignore' },
        // Nothing of an answer may load or link anything.
        ...{ trust: false, maxExpand: 200, maxSize: 20 },
      });
      leanLetters(place.current);
      setIsInvalid(false);
    } catch {
      setIsInvalid(true);
    }
  }, [tex, isBlock]);
  if (isInvalid) return <code>{tex}</code>;
  return <span ref={place} />;
}
