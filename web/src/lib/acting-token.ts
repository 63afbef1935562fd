/** The token of a superadmin's session inside a tenant. It lives in one tab: it is gone when the tab is closed. */

const KEY = 'acting-token';

export const readActingToken = (): string | null => sessionStorage.getItem(KEY);
export const writeActingToken = (token: string): void => sessionStorage.setItem(KEY, token);
export const removeActingToken = (): void => sessionStorage.removeItem(KEY);

/**
 * Tells whether a token is of a session inside a tenant, by its claims: a link must not sign anybody in as somebody else. The API
 * verifies the token. Pure.
 */
export function isActingToken(token: string): boolean {
  try {
    const [, claims = ''] = token.split('.');
    return (
      typeof JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/'))).actingSessionId === 'string'
    );
  } catch {
    return false;
  }
}
