import {
  type PublicModelName,
  type SetModelNameRequest,
  setModelNameRequest,
} from '../../../../contracts/api/model-names.ts';
import type { RoutingStrategy } from '../../../../contracts/catalog/model-routing.ts';
import { type FormRead, readForm } from '../../lib/form-errors.ts';

/** The settings of a public name while they are edited. Pure. */
export type NameDraft = Pick<PublicModelName, 'aliases' | 'strategy' | 'keeps_provider'>;

export const nameFields = ['aliases', 'strategy'] as const;
type NameField = (typeof nameFields)[number];

const fieldRules: Record<NameField, string> = {
  aliases: 'Enter at most 20 names of at most 200 characters, each once',
  strategy: 'Choose an order',
};

/** The words for each order in which the models of a name are tried. */
export const strategyNames: Record<RoutingStrategy, string> = {
  priority: 'By priority',
  weighted: 'At random, by weight',
  least_latency: 'The fastest first',
};

export const draftOfName = ({ aliases, strategy, keeps_provider }: PublicModelName): NameDraft => ({
  aliases,
  strategy,
  keeps_provider,
});

export const readName = (draft: NameDraft): FormRead<SetModelNameRequest, NameField> =>
  readForm<SetModelNameRequest, NameField>(setModelNameRequest, draft, fieldRules);
