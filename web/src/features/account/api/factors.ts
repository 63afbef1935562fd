import { mutationOptions, queryOptions } from '@tanstack/react-query';
import { api, ask } from '../../../lib/api-client.ts';
import { createPasskey } from '../../../lib/passkeys.ts';

/** The second factors of the caller. */

const { factors } = api.auth;
const FACTORS_KEY = ['factors'] as const;
const meta = { invalidates: [FACTORS_KEY] };

export const factorsQuery = queryOptions({ queryKey: FACTORS_KEY, queryFn: () => ask(factors.$get()) });

export const beginTotp = mutationOptions({ mutationFn: () => ask(factors.totp.$post()) });
export const confirmTotp = (request: { enrolment: string; code: string }) =>
  ask(factors.totp.confirm.$post({ json: request }));

/** Makes a passkey in this browser and adds it under a name. */
export const addPasskey = mutationOptions({
  mutationFn: async ({ name }: { name: string }) => {
    const options = await ask(factors.passkeys.options.$post());
    return ask(factors.passkeys.$post({ json: { name, passkey: await createPasskey(options) } }));
  },
  meta,
});

export const renameFactor = (id: string) =>
  mutationOptions({
    mutationFn: (request: { name: string }) => ask(factors[':id'].$patch({ param: { id }, json: request })),
    meta,
  });

export const removeFactor = (id: string) =>
  mutationOptions({ mutationFn: () => ask(factors[':id'].$delete({ param: { id } })), meta });

export const makeRecoveryCodes = mutationOptions({
  mutationFn: () => ask(factors['recovery-codes'].$post()),
  meta,
});
