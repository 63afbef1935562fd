import { mutationOptions, queryOptions } from '@tanstack/react-query';
import type {
  CreateSignInProviderRequest,
  SignInProviderPatch,
} from '../../../../../contracts/api/account/sign-in.ts';
import { api, ask } from '../../../lib/api-client.ts';

const providers = api.tenant['sign-in-providers'];
const KEY = ['sign-in-providers'] as const;
const meta = { invalidates: [KEY] };

/** The identity providers of the tenant. */
export const signInProvidersQuery = queryOptions({
  queryKey: KEY,
  queryFn: () => ask(providers.$get()),
  select: ({ items }) => items,
});

export const addSignInProvider = mutationOptions({
  mutationFn: (request: CreateSignInProviderRequest) => ask(providers.$post({ json: request })),
  meta,
});

export const changeSignInProvider = (id: string) =>
  mutationOptions({
    mutationFn: (patch: SignInProviderPatch) => ask(providers[':id'].$patch({ param: { id }, json: patch })),
    meta,
  });

/** Reads the document of an issuer. Saves nothing. */
export const testIssuer = mutationOptions({
  mutationFn: (issuer: string) => ask(providers.test.$post({ json: { issuer } })),
});

export const deleteSignInProvider = (id: string) =>
  mutationOptions({ mutationFn: () => ask(providers[':id'].$delete({ param: { id } })), meta });
