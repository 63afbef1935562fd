import { z } from 'zod';

/**
 * Secrets with versions, so that one can be replaced while the one before it is still accepted: add a version, wait until nothing
 * made with the old one is in use, and drop it. The newest one makes, all of them verify.
 */

/** Entries of a ring, newest first. */
export type Ring<Entry> = [Entry, ...Entry[]];

/** Parses entries separated by blanks, in any order. Versions must differ. */
export const ringOf = <Entry extends { version: number }>(entry: z.ZodType<Entry, string>) =>
  z
    .string()
    .transform((text) => text.trim().split(/\s+/))
    .pipe(z.array(entry).min(1))
    .refine(
      (entries) => new Set(entries.map(({ version }) => version)).size === entries.length,
      'versions must differ',
    )
    .transform((entries) => entries.toSorted((one, other) => other.version - one.version) as Ring<Entry>);

/** A secret that signs or hashes. */
export type VersionedSecret = { version: number; secret: string };
export type SecretRing = Ring<VersionedSecret>;

/** HS256 wants a key at least as long as its hash (RFC 7518, section 3.2). */
const SECRET_MIN = 32;
const VERSIONED = /^([1-9]\d{0,5}):(\S+)$/;

const versionedSecret = z.string().transform((text, context): VersionedSecret => {
  const [, version = '', secret = ''] = VERSIONED.exec(text) ?? [];
  if (secret.length >= SECRET_MIN) return { version: Number(version), secret };
  context.addIssue({ code: 'custom', message: `expects <version>:<${SECRET_MIN} characters or more>` });
  return z.NEVER;
});

/** A secret from before secrets had versions, whatever characters it has. */
const plainSecret = z
  .string()
  .min(SECRET_MIN)
  .refine((text) => !/^\s*[1-9]\d{0,5}:/.test(text))
  .transform((secret): SecretRing => [{ version: 1, secret }]);

/** Parses `2:<secret> 1:<secret>`. A secret alone, without a version, is version 1. */
export const secretRing = z.union([plainSecret, ringOf(versionedSecret)]);
