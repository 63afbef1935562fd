/**
 * Returns the page's nonce, which the browser requires for style elements made at run time. The Worker makes a new one for every
 * page (worker/http/routes/pages.ts).
 */
export function readNonce(): string {
  const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
  // get-nonce reads this global: the scroll lock behind dialogs and drawers writes a style element through it.
  Object.assign(globalThis, { __webpack_nonce__: nonce });
  return nonce;
}
