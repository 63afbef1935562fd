import {
  type CreateManagementKeyRequest,
  createManagementKeyRequest,
  type ManagementKeyScope,
} from '../../../../contracts/api/tenant/management-keys.ts';
import { readForm } from '../../lib/form-errors.ts';
import { sentenceList } from '../../lib/format.ts';
import { type ApiKeyDraft, expiresAt } from './api-key-draft.ts';

/** A management key while it is made, and its scopes in words. Pure. */

export const managementScopeNames: Record<ManagementKeyScope, string> = {
  'users:read': 'Read users',
  'users:write': 'Create and change users',
  'wallets:write': 'Change balances',
  'usage:read': 'Read usage',
  'webhooks:manage': 'Manage webhooks',
};

export const managementScopeExplanations: Record<ManagementKeyScope, string> = {
  'users:read': 'Users, their levels and their balances.',
  'users:write': 'Levels and status of users. No administrators and no roles.',
  'wallets:write': 'Credits and adjustments, for example after a purchase in your shop.',
  'usage:read': 'Executions and ledgers of all users.',
  'webhooks:manage': 'Webhooks, their secrets and the log of their events.',
};

/** The permissions of a key, in one line. */
export function managementRightsOf(scopes: ManagementKeyScope[]): string {
  const [first, ...others] = scopes.map((scope) => managementScopeNames[scope]);
  return first === undefined ? '' : sentenceList([first, ...others.map((name) => name.toLowerCase())]);
}

export type ManagementKeyDraft = {
  name: string;
  scopes: ManagementKeyScope[];
  expires_at: ApiKeyDraft['expires_at'];
};

export const managementKeyFields = ['name', 'scopes', 'expires_at'] as const;

export const emptyManagementKeyDraft: ManagementKeyDraft = {
  name: '',
  scopes: [],
  expires_at: { choice: '365', day: '' },
};

export const readManagementKey = ({ name, scopes, expires_at }: ManagementKeyDraft, nowMs: number) =>
  readForm<CreateManagementKeyRequest, (typeof managementKeyFields)[number]>(
    createManagementKeyRequest,
    { name: name.trim(), scopes, expires_at: expiresAt(expires_at, nowMs) },
    {
      name: 'Enter a name of at most 100 characters',
      scopes: 'Choose at least one permission',
      expires_at: 'Choose a date in the future',
    },
  );
