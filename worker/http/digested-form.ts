/** Returns a form with the digest of each file in its place, which tells requests with one Idempotency-Key apart. */
export async function digestedForm(form: object): Promise<unknown> {
  const digestOf = async (value: unknown): Promise<unknown> => {
    if (Array.isArray(value)) return Promise.all(value.map(digestOf));
    if (!(value instanceof File)) return value;
    const digest = await crypto.subtle.digest('SHA-256', await value.arrayBuffer());
    return Buffer.from(digest).toString('hex');
  };
  const fields = Object.entries(form).map(async ([name, value]) => [name, await digestOf(value)] as const);
  return Object.fromEntries(await Promise.all(fields));
}
