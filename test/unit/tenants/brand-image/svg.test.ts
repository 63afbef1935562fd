import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sanitiseSvg } from '../../../../worker/tenants/brand-image/svg.ts';
import { svgOf } from '../../../support/images.ts';

const copyOf = (text: string): string => {
  const sanitised = sanitiseSvg(text);
  if (!sanitised.ok) throw new Error(sanitised.failure.reason);
  return sanitised.value;
};
const insideOf = (inside: string): string =>
  copyOf(svgOf(inside))
    .replace(/^<svg [^>]*>/, '')
    .replace(/<\/svg>$/, '');

describe('an SVG', () => {
  it('keeps its shapes, gradients, clips, styles and texts', () => {
    const inside =
      '<title>A &amp; B</title><defs><linearGradient id="g"><stop offset="0" stop-color="#fff"></stop></linearGradient>' +
      '<clipPath id="c"><rect width="5" height="5"></rect></clipPath></defs>' +
      '<style>.a{fill:url(#g)}@media (prefers-color-scheme:dark){.a{fill:#fff}}</style>' +
      '<g clip-path="url(#c)" style="opacity:.5"><path class="a" d="M0 0h9v9z"></path></g><use href="#c"></use>' +
      '<text x="1" y="2" font-family="serif">x &lt; y</text>';
    expect(insideOf(inside)).toBe(inside);
  });

  it('loses what draws nothing: comments, instructions, metadata, other namespaces and unknown attributes', () => {
    const inside =
      '<!-- Generator --><?php echo 1 ?><metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></metadata>' +
      '<sodipodi:namedview xmlns:sodipodi="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd"><script>1</script></sodipodi:namedview>' +
      '<html:script xmlns:html="http://www.w3.org/1999/xhtml">alert(1)</html:script>' +
      '<rect data-name="x" tabindex="0" xml:base="https://evil.test/" width="1"/>';
    expect(insideOf(inside)).toBe('<rect width="1"></rect>');
  });

  it('has no prefixes any more, and links by href', () => {
    const text =
      '<s:svg xmlns:s="http://www.w3.org/2000/svg" xmlns:l="http://www.w3.org/1999/xlink" width="5" height="5"><s:g id="a"/><s:use l:href="#a"/></s:svg>';
    expect(copyOf(text)).toBe(
      '<svg xmlns="http://www.w3.org/2000/svg" width="5" height="5"><g id="a"></g><use href="#a"></use></svg>',
    );
  });

  it('has each attribute once, and of two references the one without a prefix', () => {
    const both = '<g id="a"/><g id="b"/><use xlink:href="#a" href="#b"/>';
    expect(insideOf(both)).toContain('<use href="#b"></use>');
  });

  it('may begin with the declaration and the document type that drawing programs write', () => {
    const head =
      '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">\n';
    expect(copyOf(head + svgOf('<g/>'))).toContain('<g></g>');
  });
});

describe('an SVG is refused with', () => {
  const inSvg = (inside: string) => [inside, svgOf(inside)];
  it.each([
    ...[
      '<script>alert(1)</script>',
      '<script href="https://evil.test/x.js"/>',
      '<foreignObject><p xmlns="http://www.w3.org/1999/xhtml">x</p></foreignObject>',
      '<image href="https://evil.test/x.png"/>',
      '<image href="data:image/svg+xml;base64,AA=="/>',
      '<a href="javascript:alert(1)"><rect/></a>',
      '<animate attributeName="href" to="javascript:alert(1)"/>',
      '<set attributeName="onload" to="alert(1)"/>',
      '<filter id="f"><feImage href="https://evil.test/x"/></filter>',
      '<rect onload="alert(1)"/>',
      '<rect ONCLICK="alert(1)"/>',
      '<use href="https://evil.test/x.svg#a"/>',
      '<use xlink:href="data:image/svg+xml,x#a"/>',
      '<use href="#a" xlink:href="https://evil.test/x.svg#a"/>',
      '<rect fill="url(https://evil.test/x#a)"/>',
      '<rect fill="url(#a) url(https://evil.test/x)"/>',
      '<rect style="fill:url(//evil.test/x)"/>',
      '<rect style="fill:u\\72l(//evil.test/x)"/>',
      '<style>@import "https://evil.test/x.css";</style>',
      '<style>@font-face{src:url(https://evil.test/x)}</style>',
      '<style>.a{background:image-set("https://evil.test/x" 1x)}</style>',
      '<style>.a{fill:ur/**/l(x)} /* open</style>',
      '<style><![CDATA[@im]]><![CDATA[port "https://evil.test/x.css";]]></style>',
      '<style>.a{}&lt;/style&gt;&lt;script&gt;alert(1)</style>',
      '<rect></g>',
      '<rect',
      '&unknown;',
      '<g id="a"><use href="#b"/></g><g id="b"/><use href="#a"/>',
    ].map(inSvg),
    [
      'an entity of its own',
      `<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>${svgOf('<text>&x;</text>')}`,
    ],
    ['entities that multiply', `<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>${svgOf('&b;')}`],
    ['no namespace', '<svg viewBox="0 0 1 1"/>'],
    ['another root', '<g xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>'],
    ['two roots', svgOf('') + svgOf('')],
    ['no size', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
    ['a depth that no logo has', svgOf('<g>'.repeat(51) + '</g>'.repeat(51))],
    ['a number of elements that no logo has', svgOf('<g/>'.repeat(5_001))],
  ])('%s', (_, text) => {
    expect(sanitiseSvg(text ?? '')).toMatchObject({
      ok: false,
      failure: { reason: expect.stringMatching(/^[A-Z].{5,}/) },
    });
  });
});

it('whatever is in an SVG, its copy has neither scripts nor links to elsewhere, and copies to itself', () => {
  const name = fc.constantFrom(
    'g',
    'rect',
    'use',
    'style',
    'text',
    'script',
    'a',
    'image',
    'h:p',
    'metadata',
  );
  const attribute = fc.tuple(
    fc.constantFrom('id', 'fill', 'style', 'href', 'xlink:href', 'onload', 'class', 'h:href', 'data-x'),
    fc.oneof(
      fc.constantFrom('#a', 'url(#a)', 'url(http://e.test)', 'javascript:1', '"&lt;script', '\\'),
      fc.string(),
    ),
  );
  const quoted = (text: string) =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
  const { tree } = fc.letrec<{ tree: string }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      fc.string().map(quoted),
      fc
        .tuple(
          name,
          fc.uniqueArray(attribute, { maxLength: 3, selector: ([key]) => key }),
          fc.array(tie('tree'), { maxLength: 3 }),
        )
        .map(
          ([element, attributes, inside]) =>
            `<${element} ${attributes.map(([key, value]) => `${key}="${quoted(value)}"`).join(' ')}>${inside.join('')}</${element}>`,
        ),
    ),
  }));
  let copied = 0;
  fc.assert(
    fc.property(tree, (inside) => {
      const read = sanitiseSvg(svgOf(inside, 'viewBox="0 0 1 1" xmlns:h="http://www.w3.org/1999/xhtml"'));
      if (!read.ok) return;
      copied++;
      const tags = read.value.replaceAll(/>[^<]*</g, '><');
      expect(tags).not.toMatch(/<(script|a|image|h:)|\son\w+=|javascript:|http:\/\/e\.test/i);
      expect(copyOf(read.value)).toBe(read.value);
    }),
    { numRuns: 400 },
  );
  expect(copied).toBeGreaterThan(30);
});
