import type { WalletIdentity } from '../../contracts/wallet/journal.ts';
import { deleteUnder } from './delete-objects.ts';
import { objectKey, tenantPrefix, userPrefix } from './object-keys.ts';

/**
 * Kept answers of the response cache in the bucket. An answer is found by the hash of its request. A reference, under the user who asked
 * first, leads from the execution to the answer, so that deleting the contents of the execution deletes it. The lifecycle rule of the
 * bucket deletes both when they are older than any answer is kept.
 */

/** The owner of answers that all users of the tenant get. */
export const SHARED = 'shared';

/** The place of an answer. `owner` is the user who gets it, or {@link SHARED}; `hash` is that of the request. */
export type AnswerAddress = { tenant_id: string; owner: string; hash: string };

/** The most bytes of a kept answer. */
export const ANSWER_BYTES_MAX = 1_048_576;

const answerKey = ({ tenant_id, owner, hash }: AnswerAddress): string =>
  objectKey('answers', { tenant_id, owner, name: hash });

const referenceKey = ({ tenant_id, user_id }: WalletIdentity, execution_id: string): string =>
  objectKey('answers', { tenant_id, owner: user_id, name: `of-${execution_id}` });

/** The condition that nothing is stored under the key. */
const isAbsent = () => new Headers({ 'if-none-match': '*' });

/** Returns the key of the answer that a reference leads to, if it is one of the same tenant. */
const referredKeys = (tenant_id: string, { answer }: Record<string, string>): string[] =>
  answer?.startsWith(tenantPrefix('answers', tenant_id)) ? [answer] : [];

/** Returns what is stored at an address, or null. */
export async function readAnswer(objects: R2Bucket, address: AnswerAddress): Promise<string | null> {
  const object = await objects.get(answerKey(address));
  if (object === null) return null;
  if (object.size <= ANSWER_BYTES_MAX) return object.text();
  await object.body.cancel();
  return null;
}

/** Stores the answer of an execution at an address. Does nothing if the user deleted the contents of the execution before. */
export async function storeAnswer(
  objects: R2Bucket,
  address: AnswerAddress,
  text: string,
  { wallet, execution_id }: { wallet: WalletIdentity; execution_id: string },
): Promise<void> {
  const key = answerKey(address);
  await objects.put(key, text, { httpMetadata: { contentType: 'application/json' } });
  const reference = { onlyIf: isAbsent(), customMetadata: { answer: key } };
  const stored = await objects.put(referenceKey(wallet, execution_id), '', reference);
  if (stored === null) await objects.delete(key);
}

/**
 * Deletes the answer that was kept of an execution. If none is kept yet, an empty reference keeps away one that comes later: of two
 * writers of a reference, one finds it taken.
 */
export async function deleteAnswer(
  objects: R2Bucket,
  wallet: WalletIdentity,
  execution_id: string,
): Promise<void> {
  const reference = referenceKey(wallet, execution_id);
  if ((await objects.put(reference, '', { onlyIf: isAbsent() })) !== null) return;
  const found = await objects.head(reference);
  const keys = referredKeys(wallet.tenant_id, found?.customMetadata ?? {});
  if (keys.length > 0) await objects.delete([...keys, reference]);
}

/** Pages that one call deletes. */
const PAGES_MAX = 100;

/** Deletes all answers that were kept of a user's executions, shared ones included. */
export const deleteUserAnswers = (
  objects: R2Bucket,
  { tenant_id, user_id }: WalletIdentity,
): Promise<number | null> =>
  deleteUnder(objects, userPrefix('answers', tenant_id, user_id), PAGES_MAX, (metadata) =>
    referredKeys(tenant_id, metadata),
  );
