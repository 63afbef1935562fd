import { v7 as uuidv7 } from 'uuid';
import type { WalletIdentity } from '../../contracts/wallet/journal.ts';
import type { WalletPolicy } from '../../contracts/wallet/wallet-policy.ts';
import { chooseBy, type Random, seededRandom } from './chance.ts';
import type { PastCommand } from './past-commands.ts';
import type { HistoryName, HistoryUser } from './people.ts';
import { planExecution } from './plan-execution.ts';

/** Three months of a tenant's executions, with the rhythm of days and weeks, growth, failures and failovers. Pure. */

type HistoryWish = {
  users: HistoryUser[];
  names: HistoryName[];
  policy: WalletPolicy;
  /** The actor of added balances. */
  admin_id: string;
  /** The end of the history, in milliseconds since the epoch. */
  until_ms: number;
  days: number;
  executions: number;
};

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** The share of each hour of a day, in UTC: an office in Europe, and programs at night. */
const hours = [1, 1, 1, 1, 1, 2, 4, 8, 11, 12, 11, 9, 8, 11, 12, 11, 9, 7, 4, 3, 3, 2, 2, 1];

/** The amount added to a balance that falls below the most an execution can cost. */
const CREDIT_TOKENS = 2_000_000;

/** The load of a day: growth over the whole time, and quiet weekends. */
function weightOf(day: number, { days, until_ms }: HistoryWish): number {
  const weekday = new Date(until_ms - (days - day) * DAY_MS).getUTCDay();
  return (0.4 + (1.2 * day) / days) * (weekday === 0 || weekday === 6 ? 0.25 : 1);
}

type Moment = { user: HistoryUser; at_ms: number };

/** The moments of all executions, in their order. */
function momentsOf(wish: HistoryWish, random: Random): Moment[] {
  const { users, days, until_ms, executions } = wish;
  const from_ms = until_ms - days * DAY_MS;
  const weights = Array.from({ length: days }, (_, day) => weightOf(day, wish));
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const moments: Moment[] = [];
  let owed = 0;
  for (const [day, weight] of weights.entries()) {
    const present = users.filter(({ from_day }) => from_day <= day);
    owed += (executions * weight) / all;
    for (; owed >= 1; owed -= 1) {
      const user = chooseBy(present, ({ share }) => share, random);
      const hour = chooseBy([...hours.keys()], (at) => hours[at] ?? 0, random);
      moments.push({ user, at_ms: Math.floor(from_ms + day * DAY_MS + (hour + random()) * HOUR_MS) });
    }
  }
  return moments
    .filter(({ at_ms }) => at_ms < until_ms - HOUR_MS)
    .sort((one, other) => one.at_ms - other.at_ms);
}

/** The commands of each wallet, in their order. The number of executions can be a few less than was wished. */
export function planHistory(wish: HistoryWish): Map<WalletIdentity, PastCommand[]> {
  const random = seededRandom(7);
  const plans = new Map(
    wish.users.map(({ wallet }) => [
      wallet,
      { commands: [] as PastCommand[], free_ms: 0, balance: wish.policy.allocation_tokens },
    ]),
  );
  for (const { user, at_ms } of momentsOf(wish, random)) {
    const plan = plans.get(user.wallet);
    if (plan === undefined) throw new Error('Every user has a plan');
    const start_ms = Math.max(at_ms, plan.free_ms);
    const name = chooseBy(wish.names, ({ share }) => share, random);
    const execution = planExecution({ user, name, policy: wish.policy, start_ms }, random);
    if (execution.held > plan.balance) {
      plan.balance += CREDIT_TOKENS;
      plan.commands.push(creditOf(user, wish, start_ms));
    }
    plan.balance -= execution.charged;
    plan.free_ms = execution.end_ms + 1;
    plan.commands.push(...execution.commands);
  }
  return new Map([...plans].map(([wallet, { commands }]) => [wallet, commands]));
}

const creditOf = (
  { wallet }: HistoryUser,
  { policy, admin_id }: HistoryWish,
  at_ms: number,
): PastCommand => ({
  at_ms,
  method: 'credit',
  command: {
    ...{ wallet, policy, operation_id: uuidv7({ msecs: at_ms }), actor: { kind: 'admin', id: admin_id } },
    ...{
      amount: CREDIT_TOKENS,
      reason: 'Monthly package',
      reference: `INV-${new Date(at_ms).toISOString().slice(0, 10)}`,
    },
  },
});
