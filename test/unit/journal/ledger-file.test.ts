import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LEDGER_FORMAT, readLedgerFile } from '../../../journal/ledger-file.ts';
import { shownEntry } from '../../../worker/db/executions/provider-cost.ts';
import { IDENTITY } from '../wallet/simulated-wallet.ts';
import { runSteps } from './random-wallet-steps.ts';

const { entries, state } = runSteps([
  { do: 'reserve', execution: 1, amount: 300 },
  { do: 'settle', execution: 1, amount: 120 },
  { do: 'correct', amount: 50 },
]);
const header = {
  format: LEDGER_FORMAT,
  wallet: IDENTITY,
  seq: state.seq,
  hash: state.last_hash,
  exported_at: '2026-11-23T12:00:00.000Z',
};
const whole = [header, ...entries].map((line) => JSON.stringify(line));

async function* linesOf(lines: string[]) {
  yield* lines;
}
const read = (lines: string[]) => readLedgerFile(linesOf(lines));

describe('an exported ledger', () => {
  it('is proved to the entry that the wallet says is its newest', async () => {
    expect(await read(whole)).toMatchObject({
      ok: true,
      difference: null,
      proof: { proved: { seq: 4, figures: { lifetime: 930, consumed: 120, granted: 1_050 } } },
    });
  });

  it('may hold empty lines, and fields in any order', async () => {
    const turned = entries.map((entry) =>
      JSON.stringify(Object.fromEntries(Object.entries(entry).toReversed())),
    );
    expect(await read([JSON.stringify(header), '', ...turned, ''])).toMatchObject({ difference: null });
  });

  it('of a wallet nobody has used is a header alone', async () => {
    const empty = { ...header, seq: 0, hash: '0'.repeat(64) };
    expect(await read([JSON.stringify(empty)])).toMatchObject({ ok: true, difference: null });
  });

  it('is found to end too early, which the chain alone could not tell', async () => {
    expect(await read(whole.slice(0, -1))).toMatchObject({
      difference: { kind: 'entry_missing', seq: 4, found: null },
    });
  });

  it.each([
    ['another newest entry', { hash: 'f'.repeat(64) }, 'hash'],
    ['fewer entries', { seq: 3 }, 'seq'],
  ])('is found to be another than the wallet knows: %s', async (_, change, field) => {
    expect(await read([JSON.stringify({ ...header, ...change }), ...whole.slice(1)])).toMatchObject({
      difference: { kind: 'wallet_head_differs', field },
    });
  });

  describe('without the cost at the provider', () => {
    const lines = [
      JSON.stringify(header),
      ...entries.map((entry) =>
        JSON.stringify(shownEntry(entry, { sees_cost: false, sees_wholesale: false })),
      ),
    ];
    const debit = 3;

    it('is proved in its numbers, its links and the hashes of whole entries, and says how many are not whole', async () => {
      expect(lines.join()).not.toContain('micro_usd":');
      const verdict = await read(lines);
      expect(verdict).toMatchObject({ ok: true, difference: null, withheld: 1, proof: { entries_read: 4 } });
      expect(await read(whole)).toMatchObject({ withheld: 0 });
    });

    it.each([
      ['an entry fewer', lines.toSpliced(debit, 1), 'entry_missing'],
      [
        'another hash',
        lines.with(debit, lines[debit]?.replace(/"hash":"./, '"hash":"x') ?? ''),
        'link_broken',
      ],
      [
        'another charge',
        lines.with(debit, lines[debit]?.replace('"lifetime_delta":-120', '"lifetime_delta":-20') ?? ''),
        'figures_broken',
      ],
      [
        'a changed whole entry',
        lines.with(1, lines[1]?.replace('"amount":1000', '"amount":1') ?? ''),
        'hash_broken',
      ],
    ])('is found to be broken with %s', async (_, changed, kind) => {
      expect(changed).not.toEqual(lines);
      expect(await read(changed)).toMatchObject({ ok: true, difference: { kind } });
    });

    it('cannot be claimed by an entry that is whole, or has no cost', async () => {
      const claimed = entries.map((entry) => JSON.stringify({ ...entry, withheld: ['anything'] }));
      expect(await read([JSON.stringify(header), ...claimed])).toMatchObject({
        withheld: 0,
        difference: { kind: 'hash_broken', seq: 1 },
      });
    });
  });

  it.each([
    ['nothing at all', []],
    ['something else', ['{"format":"csv"}']],
    ['no JSON', ['seq;amount']],
    ['an entry first', whole.slice(1)],
    ['a line that is no entry', [...whole.slice(0, 2), '{"seq":2}', ...whole.slice(3)]],
    ['a line cut short', [...whole.slice(0, -1), (whole.at(-1) ?? '').slice(0, 50)]],
    ['an amount no number can hold', [...whole.slice(0, -1), (whole.at(-1) ?? '').replace('50', '1e300')]],
    ['an entry of an unknown kind', [...whole.slice(0, -1), (whole.at(-1) ?? '').replace('credit', 'gift')]],
  ])('is refused when it holds %s', async (_, lines) => {
    expect(await read(lines)).toMatchObject({ ok: false });
  });
});

describe('npm run verify:ledger', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'ledger-'));
  afterAll(() => rm(folder, { recursive: true }));

  const run = (args: string[], input = '') =>
    new Promise<{ code: number; said: string }>((resolve) => {
      const child = execFile(process.execPath, ['dev/verify-ledger.ts', ...args], (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), said: stdout + stderr }),
      );
      child.stdin?.end(input);
    });

  it('proves a file and prints its figures', async () => {
    const file = path.join(folder, 'whole.ndjson');
    await writeFile(file, whole.join('\n'));
    const { code, said } = await run([file]);
    expect(code).toBe(0);
    expect(said).toMatch(/available +930\n/);
    expect(said).toContain('Proved: every entry from 1 to 4');
  });

  it('says in plain words what is broken first, and exits with 1', async () => {
    const changed = whole.map((line) => line.replace('"amount":120', '"amount":20'));
    const { code, said } = await run(['-'], changed.join('\n'));
    expect(code).toBe(1);
    expect(said).toContain('BROKEN: Entry 3 was changed after it was written');
    expect(said).toContain('Proved up to entry 2.');
  });

  it('tells a file that cannot be read from one that is broken', async () => {
    expect(await run([path.join(folder, 'nowhere.ndjson')])).toMatchObject({ code: 2 });
    expect(await run(['-'], 'hello')).toMatchObject({ code: 1 });
    expect((await run(['--help'])).said).toContain('npm run verify:ledger -- FILE');
  });
});
