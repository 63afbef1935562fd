import { DurableObject } from 'cloudflare:workers';

/**
 * The least that a gateway with a wallet can do on this platform: call an object that stores a row, call the upstream, call the object
 * again, answer. No keys, limits, prices, ledger or errors. What the platform itself costs is the difference to nothing.
 */

/** About the size of a reservation with its execution. */
const command = {
  execution: 'x'.repeat(36),
  actor: 'y'.repeat(36),
  policy: { version: 1 },
  note: 'z'.repeat(600),
};

export class FloorWallet extends DurableObject {
  #calls = 0;
  #flight;
  #writing;

  constructor(ctx, env) {
    super(ctx, env);
    ctx.storage.sql.exec('create table if not exists rows (number integer primary key, body text)');
  }

  async call(body) {
    await this.#flight;
    this.#calls += 1;
    this.#writing ??= Promise.resolve().then(() => this.#write(body));
    await this.#writing;
    return { ok: true, calls: this.#calls, note: body.note };
  }

  #write(body) {
    this.#writing = undefined;
    const { sql } = this.ctx.storage;
    sql.exec('insert or replace into rows values (?, ?)', this.#calls >> 4, JSON.stringify(body));
    this.#flight ??= this.ctx.storage.sync().finally(() => {
      this.#flight = undefined;
    });
  }
}

export default {
  async fetch(request, { FLOOR_WALLET, UPSTREAM }) {
    const body = await request.json();
    const wallet = FLOOR_WALLET.getByName('one');
    await wallet.call(command);
    const upstream = await fetch(`${UPSTREAM}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer = await upstream.text();
    await wallet.call(command);
    return new Response(answer, { headers: { 'content-type': 'application/json' } });
  },
};
