/** The part of SVG that a logo can have. Pure. */

export const SVG_NAMESPACE = 'http://www.w3.org/2000/svg';

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Elements that are kept. Every other one of SVG is refused: it runs, animates, embeds or loads something. */
export const keptElements = words(`
  svg g defs symbol use path rect circle ellipse line polyline polygon text tspan textPath title desc
  linearGradient radialGradient stop clipPath mask style`);

/** Elements of SVG that are left out without a refusal: they draw nothing. */
export const droppedElements = words('metadata');

/** Attributes that are kept. Others are left out. */
export const keptAttributes = words(`
  alignment-baseline baseline-shift class clip-path clip-rule clipPathUnits color color-interpolation cx cy d direction display
  dominant-baseline dx dy fill fill-opacity fill-rule font-family font-size font-stretch font-style font-variant font-weight fr fx fy
  gradientTransform gradientUnits height href id isolation lengthAdjust letter-spacing mask mask-type maskContentUnits maskUnits
  mix-blend-mode offset opacity overflow paint-order pathLength points preserveAspectRatio r rotate rx ry shape-rendering spreadMethod
  startOffset stop-color stop-opacity stroke stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit
  stroke-opacity stroke-width style text-anchor text-decoration text-rendering textLength transform transform-origin vector-effect
  version viewBox visibility width word-spacing writing-mode x x1 x2 y y1 y2`);

const localReference = /url\(\s*(["']?)#[\w.:-]+\1\s*\)/g;
const loaders =
  /url\(|(?:^|[^\w-])(?:src|image|image-set|-webkit-image-set|element)\(|expression\(|javascript:/i;

/** True if a value refers to nothing outside of the image: `url(...)` names a part of it. */
export const isLocalValue = (value: string): boolean => !loaders.test(value.replaceAll(localReference, ''));

/** True for a reference to a part of the image. */
export const isLocalReference = (href: string): boolean => /^#[\w.:-]+$/.test(href);

/** True for CSS that loads nothing: no rule but `@media`, no escape that could spell one, and only local references. */
export function isPlainCss(css: string): boolean {
  const bare = css.replaceAll(/\/\*[\s\S]*?\*\//g, ' ');
  const rules = bare.replaceAll(/@media\b/gi, '');
  return !/[@\\<]/.test(rules) && !bare.includes('/*') && isLocalValue(bare);
}
