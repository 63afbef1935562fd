import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { WalletPolicy } from '../../../contracts/wallet/wallet-policy.ts';
import { viewOf } from '../../../durable-objects/wallet/rules/view.ts';
import { HARD_LIFETIME, SimulatedWallet } from './simulated-wallet.ts';

/**
 * The worked examples of docs/wallet.md, played: each row of its table is a policy, the steps a wallet goes through from
 * 20 November 2026, and the figures it shows afterwards. The page cannot say what the code does not do.
 */

type Example = { says: string; policy: string; steps: string; shows: string };

function examplesIn(page: string): Example[] {
  const [, section = ''] = page.split('\n## Worked examples\n');
  const [table = ''] = section.split('\n## ');
  return table
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) => {
      const [, says = '', policy = '', steps = '', shows = ''] = line.split('|').map((cell) => cell.trim());
      return {
        says,
        policy: policy.replaceAll('`', ''),
        steps: steps.replaceAll('`', ''),
        shows: shows.replaceAll('`', ''),
      };
    });
}

/** `monthly 1000, rollover 250, hard, thresholds 50/80, deadline 10` (minutes), each part optional and in any order, over what came before. */
function policyOf(text: string, before: WalletPolicy): WalletPolicy {
  const policy = { ...before, version: before.version + 1 };
  for (const part of text.split(',')) {
    const [word, amount] = part.trim().split(' ');
    if (word === 'monthly' || word === 'lifetime') {
      policy.mode = word;
      policy.allocation_tokens = Number(amount);
    } else if (word === 'rollover') policy.rollover_cap_tokens = Number(amount);
    else if (word === 'in-flight') policy.in_flight_max = Number(amount);
    else if (word === 'deadline') policy.reservation_lifetime_ms = Number(amount) * 60_000;
    else if (word === 'thresholds') policy.warning_thresholds_percent = String(amount).split('/').map(Number);
    else if (word === 'hard' || word === 'warn' || word === 'monitor') policy.enforcement = word;
    else throw new Error(`Not a policy: ${part}`);
  }
  return policy;
}

const execution = (name: string | undefined) => (name ?? '').charCodeAt(0);

/** Takes one step and tells how it was answered. */
function play(wallet: SimulatedWallet, step: string, number: number): string {
  const [verb, ...rest] = step.trim().split(' ');
  const [first = '', second] = rest;
  switch (verb) {
    case 'reserve':
      return wallet.reserve(execution(first), Number(second)).refusal?.code ?? 'ok';
    case 'settle': {
      const { refusal, entries } = wallet.end(execution(first), 'debit', Number(second));
      const crossed = entries.at(-1)?.thresholds_crossed;
      return refusal?.code ?? (crossed === undefined ? 'ok' : `warns ${crossed.join('/')}`);
    }
    case 'extend':
      return wallet.extend(execution(first)).refusal?.code ?? 'ok';
    case 'release':
      return wallet.end(execution(first), 'release', 0).refusal?.code ?? 'ok';
    case 'credit':
      return wallet.correct('credit', Number(first), `operation-${number}`).refusal?.code ?? 'ok';
    case 'adjust':
      return wallet.correct('adjustment', Number(first), `operation-${number}`).refusal?.code ?? 'ok';
    case 'time':
      wallet.nowMs = Date.parse(`${first}:00Z`);
      wallet.expireOverdue();
      wallet.read();
      return 'ok';
    case 'disable':
      wallet.state = { ...wallet.state, standing: { status: 'disabled', version: number } };
      return 'ok';
    case 'policy':
      wallet.policy = policyOf(rest.join(' '), wallet.policy);
      wallet.read();
      return 'ok';
    default:
      throw new Error(`Not a step: ${step}`);
  }
}

const page = readFileSync(path.join(import.meta.dirname, '../../../docs/wallet.md'), 'utf8');
const examples = examplesIn(page);

describe('the worked examples of docs/wallet.md', () => {
  it('are found', () => {
    expect(examples.length).toBeGreaterThanOrEqual(15);
  });

  it.each(examples)('$says', ({ policy, steps, shows }) => {
    const start: WalletPolicy = {
      ...HARD_LIFETIME,
      warning_thresholds_percent: [],
      reservation_lifetime_ms: 3_600_000,
    };
    const wallet = new SimulatedWallet(policyOf(policy, start), Date.UTC(2026, 10, 20));
    wallet.read();
    steps.split(';').forEach((step, number) => {
      const [action = '', expected = 'ok'] = step.split('→').map((side) => side.trim());
      expect(play(wallet, action, number), action).toBe(expected);
    });
    const figures = shows.split(',').map((figure) => figure.trim().split(' '));
    expect(figures.length).toBeGreaterThan(1);
    const { would_refuse, warning, ...view } = viewOf(wallet.state);
    const shown = { ...view, would_refuse: would_refuse.executions, short: would_refuse.tokens };
    expect({ ...shown, warning: warning?.threshold_percent ?? 0 }).toMatchObject(
      Object.fromEntries(figures.map(([name, amount]) => [name, Number(amount)])),
    );
  });
});
