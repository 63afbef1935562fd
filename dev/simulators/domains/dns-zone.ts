import { z } from 'zod';

/** The simulated DNS of the whole world: records that are set by hand, and questions in the JSON of DNS over HTTPS. */

const types = { A: 1, CNAME: 5, TXT: 16, CAA: 257 } as const;
type RecordType = keyof typeof types;

/** Modes of the resolver: by its records, that it cannot (SERVFAIL), or not at all. */
const resolverMode = z.enum(['none', 'servfail', 'hang']);

const name = z
  .string()
  .min(1)
  .max(253)
  .transform((text) => text.toLowerCase().replace(/\.$/, ''));

/** Sets all records of a name and type; none removes them. An `ALIAS` answers with the addresses of its target. */
export const dnsChange = z.strictObject({
  name,
  type: z.enum(['A', 'CNAME', 'TXT', 'CAA', 'ALIAS']),
  values: z.array(z.string().max(2_000)).max(20),
});
export const resolverChange = z.strictObject({ mode: resolverMode });

const ALIAS_DEPTH_MAX = 8;

type Answer = { name: string; type: number; TTL: number; data: string };

const keyOf = (of: string, type: string) => `${type} ${of}`;

/** Records by name and type, and the mode of the resolver. */
export class DnsZone {
  readonly #initial: ReadonlyMap<string, string[]>;
  #records: Map<string, string[]>;
  #mode: z.infer<typeof resolverMode> = 'none';

  /** `addresses`: the A records that stay. */
  constructor(addresses: Record<string, string[]>) {
    this.#initial = new Map(Object.entries(addresses).map(([of, values]) => [keyOf(of, 'A'), values]));
    this.#records = new Map(this.#initial);
  }

  set({ name: of, type, values }: z.infer<typeof dnsChange>): void {
    if (values.length === 0) this.#records.delete(keyOf(of, type));
    else this.#records.set(keyOf(of, type), values);
  }

  setMode(mode: z.infer<typeof resolverMode>): void {
    this.#mode = mode;
  }

  get mode() {
    return this.#mode;
  }

  reset(): void {
    this.#records = new Map(this.#initial);
    this.#mode = 'none';
  }

  /** Returns the records as `{ name, type, values }`. */
  list() {
    return [...this.#records].map(([key, values]) => {
      const [type = '', of = ''] = key.split(' ');
      return { name: of, type, values };
    });
  }

  /** Returns the values of a name and type, without following a CNAME. */
  valuesOf(of: string, type: RecordType | 'ALIAS'): string[] {
    return this.#records.get(keyOf(of, type)) ?? [];
  }

  #resolve(of: string, type: RecordType, depth = 0): Answer[] {
    const found = (values: string[], number: number): Answer[] =>
      values.map((data) => ({ name: of, type: number, TTL: 60, data }));
    const [alias] = this.valuesOf(of, 'CNAME');
    if (alias !== undefined) {
      const rest =
        type === 'CNAME' || depth >= ALIAS_DEPTH_MAX
          ? []
          : this.#resolve(alias.toLowerCase().replace(/\.$/, ''), type, depth + 1);
      return [...found([`${alias.replace(/\.$/, '')}.`], types.CNAME), ...rest];
    }
    const [flattened] = type === 'A' ? this.valuesOf(of, 'ALIAS') : [];
    if (flattened !== undefined && depth < ALIAS_DEPTH_MAX)
      return this.#resolve(flattened, 'A', depth + 1).map((record) => ({ ...record, name: of }));
    const values = this.valuesOf(of, type);
    return found(type === 'TXT' ? values.map((text) => JSON.stringify(text)) : values, types[type]);
  }

  /** Answers a question as resolvers do in `application/dns-json`. */
  answer(of: string, type: string): object {
    const flags = { TC: false, RD: true, RA: true, AD: false, CD: false };
    const known = Object.hasOwn(types, type) ? (type as RecordType) : null;
    const question = { name: of, type: known === null ? 0 : types[known] };
    if (this.#mode === 'servfail' || known === null) return { Status: 2, ...flags, Question: [question] };
    const records = this.#resolve(of.toLowerCase().replace(/\.$/, ''), known);
    const exists = records.length > 0 || [...this.#records.keys()].some((key) => key.endsWith(` ${of}`));
    return {
      ...{ Status: exists ? 0 : 3, ...flags, Question: [question] },
      ...(records.length > 0 && { Answer: records }),
    };
  }
}
