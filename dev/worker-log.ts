/** Duration of a start after which held lines are shown. */
const PATIENCE_MS = 15_000;

/**
 * Lines of wrangler that are dropped: one per request, since the Worker logs requests itself; the list of bindings; and, without
 * a network, the note that `Request.cf` is a placeholder.
 */
const noise = new RegExp(
  [
    String.raw`^\[wrangler:info\] [A-Z]+ `,
    String.raw`^env\.\w+ .* local$`,
    '^Binding +Resource',
    '^Your Worker has access to',
    '^Using secrets',
    'Request\\.cf',
    'workers\\.cloudflare\\.com$',
    'GetAddrInfoReqWrap',
    'Logs were written to',
  ].join('|'),
);

/**
 * Prints the lines of the Worker's server with a prefix. Lines printed during the start are held until `ready` drops them; an
 * error or a slow start shows them.
 */
export class WorkerLog {
  #held: string[] | null = [];
  readonly #print: (line: string) => void;
  readonly #patience: NodeJS.Timeout;

  constructor(print: (line: string) => void) {
    this.#print = (line) => print(`worker | ${line}`);
    this.#patience = setTimeout(() => this.show(), PATIENCE_MS).unref();
  }

  readonly add = (line: string): void => {
    if (line.trim() === '' || noise.test(line.trimEnd())) return;
    if (this.#held === null) this.#print(line);
    else this.#held.push(line);
    if (line.includes('ERROR')) this.show();
  };

  /** Drops the held lines, and shows all later ones. */
  ready(): void {
    clearTimeout(this.#patience);
    this.#held = null;
  }

  /** Shows the held lines and all later ones. */
  show(): void {
    const held = this.#held ?? [];
    this.ready();
    for (const line of held) this.#print(line);
  }
}
