import type { IncomingMessage, ServerResponse } from 'node:http';
import { readJson, sendJson } from '../http.ts';
import { describeIssues } from '../simulated-api.ts';
import { hostnameChange } from './custom-hostname.ts';
import { apiFault, CustomHostnamesApi } from './custom-hostnames-api.ts';
import { DnsZone, dnsChange, resolverChange } from './dns-zone.ts';

/** The hostname that simulated custom domains point to. */
export const SIMULATED_TARGET = 'domains.vanilla-simulated.net';
/** The address of the target in the simulated DNS, from the block for documentation (RFC 5737). */
const TARGET_ADDRESS = '192.0.2.10';

/** The paths of the simulated Cloudflare and of the simulated resolver, below the simulators' origin. */
export const CLOUDFLARE_PATH = '/cloudflare/client/v4';
export const RESOLVER_PATH = '/dns-query';

type Parsed<Value> =
  | { success: true; data: Value }
  | { success: false; error: Parameters<typeof describeIssues>[0] };

/** Cloudflare's custom hostnames and DNS over HTTPS, with paths under `/_control` that set them (docs/simulators.md). */
export class SimulatedDomains {
  readonly #dns = new DnsZone({ [SIMULATED_TARGET]: [TARGET_ADDRESS] });
  readonly #api = new CustomHostnamesApi(this.#dns, SIMULATED_TARGET);

  #apply<Value>(response: ServerResponse, parsed: Parsed<Value>, change: (value: Value) => void): void {
    if (parsed.success) change(parsed.data);
    if (parsed.success) sendJson(response, 200, this.#state());
    else sendJson(response, 400, { error: describeIssues(parsed.error) });
  }

  #state(): object {
    return {
      simulated: true,
      target: SIMULATED_TARGET,
      dns: this.#dns.list(),
      custom_hostnames: this.#api.list(),
    };
  }

  async #control(incoming: IncomingMessage, response: ServerResponse, path: string): Promise<boolean> {
    const [, hostname] =
      /^PUT \/_control\/custom-hostnames\/([^/]+)$/.exec(`${incoming.method} ${path}`) ?? [];
    if (hostname !== undefined) {
      this.#apply(response, hostnameChange.safeParse(await readJson(incoming)), (change) =>
        this.#api.prepare(decodeURIComponent(hostname), change),
      );
      return true;
    }
    switch (`${incoming.method} ${path}`) {
      case 'GET /_control/domains':
        sendJson(response, 200, this.#state());
        return true;
      case 'PUT /_control/dns':
        this.#apply(response, dnsChange.safeParse(await readJson(incoming)), (change) =>
          this.#dns.set(change),
        );
        return true;
      case 'PUT /_control/resolver':
        this.#apply(response, resolverChange.safeParse(await readJson(incoming)), ({ mode }) =>
          this.#dns.setMode(mode),
        );
        return true;
      case 'PUT /_control/cloudflare':
        this.#apply(response, apiFault.safeParse(await readJson(incoming)), (fault) =>
          this.#api.setFault(fault),
        );
        return true;
      default:
        return false;
    }
  }

  /** Forgets all records, hostnames and faults. */
  reset(): void {
    this.#dns.reset();
    this.#api.reset();
  }

  /** Answers a request to the simulated DNS, the simulated Cloudflare or their control. Returns false for other paths. */
  async handle(incoming: IncomingMessage, response: ServerResponse, url: URL): Promise<boolean> {
    if (url.pathname === RESOLVER_PATH) {
      const { searchParams } = url;
      if (this.#dns.mode === 'hang') return true;
      sendJson(
        response,
        200,
        this.#dns.answer(searchParams.get('name') ?? '', searchParams.get('type') ?? 'A'),
      );
      return true;
    }
    return (
      (await this.#api.handle(incoming, response, url)) ||
      (await this.#control(incoming, response, url.pathname))
    );
  }
}
