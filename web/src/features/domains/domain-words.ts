import type { Domain, DomainRecord } from '../../../../contracts/api/tenant/domains.ts';

/** Labels of domains. Pure. */

type Tone = 'good' | 'bad' | 'warn' | 'info' | 'plain';

export const statusWords: Record<Domain['status'], { label: string; tone: Tone }> = {
  waiting_for_txt: { label: 'Waiting for TXT record', tone: 'warn' },
  issuing: { label: 'Setting up', tone: 'info' },
  active: { label: 'Active', tone: 'good' },
  moved: { label: 'Moved away', tone: 'bad' },
  failed: { label: 'Failed', tone: 'bad' },
  deleting: { label: 'Being removed', tone: 'plain' },
};

export const partStateWords = {
  done: { label: 'Done', tone: 'good' },
  waiting: { label: 'Waiting', tone: 'warn' },
  problem: { label: 'Problem', tone: 'bad' },
} as const;

export const partNames = { ownership: 'Ownership', certificate: 'Certificate', routing: 'Routing' } as const;

const purposes: Record<DomainRecord['purpose'], string> = {
  proof: 'Proves that the domain is yours',
  routing: 'Brings visitors here',
  ownership: 'Confirms the hostname to the network',
  certificate: 'Validates the certificate',
};

/** Returns the use of a record, in words. */
export const purposeOf = ({ purpose, required }: DomainRecord): string =>
  required ? purposes[purpose] : `${purposes[purpose]} ahead of the switch (optional)`;

/** The records that are still of use: without optional ones once the domain is active. */
export const shownRecords = ({ records, status }: Domain): DomainRecord[] =>
  status === 'active' ? records.filter(({ required }) => required) : records;
