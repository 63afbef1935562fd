import { type SaxesAttributeNS, SaxesParser, type SaxesTagNS } from 'saxes';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import {
  droppedElements,
  isLocalReference,
  isLocalValue,
  isPlainCss,
  keptAttributes,
  keptElements,
  SVG_NAMESPACE,
} from './svg-rules.ts';

/**
 * Sanitises SVG: reads it as strict XML and writes a new text from the elements and attributes that are kept. Nothing of the old text
 * is copied, so that a browser cannot read anything else into it. Pure.
 */

const DEPTH_MAX = 50;
const ELEMENTS_MAX = 5_000;

/** The reason why an SVG is refused. */
class Refusal extends Error {}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Returns the value of an attribute that is kept, or null for one that is left out. */
function keptValue({ local, prefix, uri, value }: SaxesAttributeNS): string | null {
  if (/^on/i.test(local)) throw new Refusal(`The attribute ${local} can run a script`);
  const isHref = local === 'href' && (prefix === '' || uri === 'http://www.w3.org/1999/xlink');
  if (isHref && !isLocalReference(value))
    throw new Refusal('References can only name a part of the image, such as #shape');
  if ((!isHref && prefix !== '') || !keptAttributes.has(local)) return null;
  if (local === 'style' ? !isPlainCss(value) : !isLocalValue(value))
    throw new Refusal(`The attribute ${local} refers to something outside of the image`);
  return value;
}

/** Returns the attributes that are kept, each name once: one without a prefix comes before one with it. */
function keptOf(attributes: Record<string, SaxesAttributeNS>): Map<string, string> {
  const kept = new Map<string, string>();
  for (const attribute of Object.values(attributes).toSorted((a, b) => a.prefix.length - b.prefix.length)) {
    const value = keptValue(attribute);
    if (value !== null && !kept.has(attribute.local)) kept.set(attribute.local, value);
  }
  return kept;
}

/** A copy of an image, written while its source is read. */
class Copy {
  #written = '';
  /** Open elements that are kept. */
  readonly #open: { name: string; id: string | undefined }[] = [];
  /** Open elements inside one that is left out, that one included. */
  #skipped = 0;
  #elements = 0;
  #css = '';
  /** Ids of elements that use another, and ids that are used: a use of a use can grow without bounds. */
  readonly #using = new Set<string>();
  readonly #used = new Set<string>();

  open({ local, uri, attributes }: SaxesTagNS): void {
    if (++this.#elements > ELEMENTS_MAX)
      throw new Refusal(`The image has more than ${ELEMENTS_MAX} elements`);
    if (this.#skipped > 0 || uri !== SVG_NAMESPACE || droppedElements.has(local)) {
      if (this.#elements === 1) throw new Refusal('The image is no SVG');
      this.#skipped++;
      return;
    }
    if (!keptElements.has(local)) throw new Refusal(`The element ${local} is not allowed in a logo`);
    if (this.#open.length >= DEPTH_MAX) throw new Refusal(`Elements are nested deeper than ${DEPTH_MAX}`);
    const isRoot = this.#open.length === 0;
    if (isRoot !== (this.#elements === 1) || (isRoot && local !== 'svg'))
      throw new Refusal('The image is no SVG');
    const kept = keptOf(attributes);
    if (isRoot && !kept.has('viewBox') && !(kept.has('width') && kept.has('height')))
      throw new Refusal('The image has no size: give it a viewBox');
    if (local === 'use') this.#noteUse(kept.get('href') ?? '');
    const written = [...kept].map(([name, value]) => ` ${name}="${escaped(value)}"`).join('');
    this.#written += `<${local}${isRoot ? ` xmlns="${SVG_NAMESPACE}"` : ''}${written}>`;
    this.#open.push({ name: local, id: kept.get('id') });
  }

  #noteUse(href: string): void {
    for (const { id } of this.#open) if (id !== undefined) this.#using.add(id);
    this.#used.add(href.slice(1));
  }

  text(text: string): void {
    if (this.#skipped > 0) return;
    const name = this.#open.at(-1)?.name;
    if (name === 'style') this.#css += text;
    this.#written += escaped(text);
  }

  close(): void {
    if (this.#skipped > 0) {
      this.#skipped--;
      return;
    }
    const closed = this.#open.pop();
    this.#written += `</${closed?.name}>`;
    if (closed?.name !== 'style') return;
    if (!isPlainCss(this.#css)) throw new Refusal('The styles refer to something outside of the image');
    this.#css = '';
  }

  end(): string {
    if ([...this.#used].some((id) => this.#using.has(id)))
      throw new Refusal('An element that is used cannot use another');
    return this.#written;
  }
}

function copyOf(text: string): string {
  const copy = new Copy();
  const parser = new SaxesParser({ xmlns: true, position: false });
  parser.on('error', ({ message }) => {
    throw new Refusal(`The image is not well-formed XML (${message.replace(/^.*?: /, '').slice(0, 120)})`);
  });
  parser.on('opentag', (tag) => copy.open(tag));
  parser.on('text', (characters) => copy.text(characters));
  parser.on('cdata', (characters) => copy.text(characters));
  parser.on('closetag', () => copy.close());
  parser.write(text).close();
  return copy.end();
}

/** Returns the sanitised image, or the reason why it is refused. */
export function sanitiseSvg(text: string): Result<string, { code: 'unsafe_svg'; reason: string }> {
  try {
    return ok(copyOf(text));
  } catch (error) {
    if (error instanceof Refusal) return fail({ code: 'unsafe_svg', reason: error.message });
    throw error;
  }
}
