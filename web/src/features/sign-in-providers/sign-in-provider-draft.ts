import {
  type CreateSignInProviderRequest,
  createSignInProviderRequest,
  type SignInProvider,
  type SignInProviderKind,
  type SignInProviderPatch,
  signInProviderPatch,
} from '../../../../contracts/api/account/sign-in.ts';
import { type FormRead, readForm } from '../../lib/form-errors.ts';

/** An identity provider while it is edited. Pure. */
export type SignInProviderDraft = {
  kind: SignInProviderKind;
  name: string;
  issuer: string;
  client_id: string;
  client_secret: string;
  /** One domain per line. */
  email_domains: string;
  enabled: boolean;
  creates_accounts: boolean;
  trusts_addresses: boolean;
};

export const signInProviderFields = [
  ...(['kind', 'name', 'issuer', 'client_id', 'client_secret', 'email_domains'] as const),
] as const;
export type SignInProviderField = (typeof signInProviderFields)[number];

const fieldRules: Record<SignInProviderField, string> = {
  kind: 'Choose one',
  name: 'Enter a name of at most 60 characters',
  issuer: 'Enter an address that begins with https://',
  client_id: 'Enter the client ID: visible characters, without spaces',
  client_secret: 'Enter the client secret: visible characters, without spaces',
  email_domains: 'Enter domains such as example.com, one per line, or leave it empty',
};

export const emptySignInProvider: SignInProviderDraft = {
  kind: 'google',
  name: 'Google',
  issuer: '',
  client_id: '',
  client_secret: '',
  email_domains: '',
  enabled: true,
  creates_accounts: false,
  trusts_addresses: false,
};

export const draftOfSignInProvider = ({
  email_domains,
  ...provider
}: SignInProvider): SignInProviderDraft => ({
  ...{ kind: provider.kind, name: provider.name, issuer: provider.issuer, client_id: provider.client_id },
  client_secret: '',
  email_domains: email_domains?.join('\n') ?? '',
  enabled: provider.enabled,
  creates_accounts: provider.creates_accounts,
  trusts_addresses: provider.trusts_addresses,
});

/** The draft after another kind was chosen. A name that was typed stays. */
export const withKind = (draft: SignInProviderDraft, kind: SignInProviderKind): SignInProviderDraft => ({
  ...draft,
  kind,
  name: kind === 'oidc' && draft.name === 'Google' ? '' : draft.name || (kind === 'google' ? 'Google' : ''),
});

function domainsOf(text: string): string[] | null {
  const lines = text.split(/[\s,]+/).map((line) => line.replace(/^@/, '').toLowerCase());
  const domains = lines.filter((line) => line !== '');
  return domains.length === 0 ? null : domains;
}

/** The request for a new identity provider. */
export function readNewSignInProvider(
  draft: SignInProviderDraft,
): FormRead<CreateSignInProviderRequest, SignInProviderField> {
  const { issuer, ...rest } = draft;
  return readForm(
    createSignInProviderRequest,
    {
      ...rest,
      email_domains: domainsOf(draft.email_domains),
      ...(draft.kind === 'oidc' ? { issuer: issuer.trim() } : {}),
    },
    fieldRules,
  );
}

/** The changes of a draft; an empty patch for none. An empty secret keeps the current one. */
export function readSignInProviderChange(
  before: SignInProvider,
  draft: SignInProviderDraft,
): FormRead<SignInProviderPatch, SignInProviderField> {
  const after = {
    ...{ name: draft.name.trim(), client_id: draft.client_id.trim(), enabled: draft.enabled },
    ...{ creates_accounts: draft.creates_accounts, trusts_addresses: draft.trusts_addresses },
    email_domains: domainsOf(draft.email_domains),
  };
  const changes = Object.entries(after).filter(
    ([field, value]) => JSON.stringify(value) !== JSON.stringify(before[field as keyof typeof after]),
  );
  const secret = draft.client_secret === '' ? {} : { client_secret: draft.client_secret };
  const patch = { ...Object.fromEntries(changes), ...secret };
  if (Object.keys(patch).length === 0) return { ok: true, value: {} };
  return readForm(signInProviderPatch, patch, fieldRules);
}
