/** How long a start may take before whoever waits sees what is going on. */
const PATIENCE_MS = 15_000;

/**
 * What wrangler says that is of no use here: a line per request, which the Worker writes itself; its list of bindings; and,
 * without a network, that it makes up `Request.cf`.
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
 * Prints the Worker server's lines, prefixed. What it says while it starts is of interest only when something is wrong, so
 * those lines are held back until `ready` drops them, an error shows, or the start takes long.
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

  /** Everything from here on is shown, and what was held back is not. */
  ready(): void {
    clearTimeout(this.#patience);
    this.#held = null;
  }

  /** Shows what was held back, and everything from here on. */
  show(): void {
    const held = this.#held ?? [];
    this.ready();
    for (const line of held) this.#print(line);
  }
}
