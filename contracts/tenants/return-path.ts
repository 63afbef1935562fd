import { z } from 'zod';

/**
 * A page of the web app to return to: a path of this hostname. A second slash or a backslash would lead to another host, and browsers
 * leave out control characters.
 */
export const returnPath = z
  .string()
  .max(500)
  .regex(/^\/(?![/\\])[^\\\p{Cc}]*$/u, 'must be a path that begins with one slash');
