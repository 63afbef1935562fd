import type { Mutation } from './mutation.ts';

const turn = {
  file: 'worker/executions/background/turn.ts',
  project: 'unit',
  tests: 'test/unit/executions/background/turn.test.ts',
};
const queue = { project: 'workers', tests: 'test/workers/executions-queue.test.ts' };
const delivery = { ...queue, file: 'worker/executions/background/delivery.ts' };
const attempt = { ...queue, file: 'worker/executions/background/attempt.ts' };
const runner = {
  file: 'worker/queues/execution-runner.ts',
  project: 'workers',
  tests: 'test/workers/execution-runner.test.ts',
};
const cancelled = { project: 'workers', tests: 'test/workers/cancelled-executions.test.ts' };
const settlement = { ...queue, file: 'worker/executions/background/decide.ts' };
const end = { ...settlement, project: 'unit', tests: 'test/unit/executions/background/decide.test.ts' };

/** Mutations of background executions: the provider they call, the attempts they keep, the way they end. */
export const backgroundMutations: Mutation[] = [
  {
    ...turn,
    what: 'a background execution calls the first provider every time',
    find: 'const first = attempts.length % candidates.length;',
    replace: 'const first = 0;',
  },
  {
    ...attempt,
    what: 'an answer cut off at the time limit is dropped, and requested again',
    find: "read.end === 'failed' ? isOverTime(deadline_ms)",
    replace: "read.end === 'failed' ? false",
  },
  {
    ...attempt,
    what: 'an answer longer than its limit is requested again and again',
    find: 'if (isCut && output_bytes > 0)',
    replace: "if (isCut && read.end === 'failed')",
  },
  {
    ...delivery,
    what: 'a prompt too long for every model is sent again and again',
    find: "kind === 'context_length' && !candidates.some",
    replace: "kind === 'content_filter' && !candidates.some",
  },
  {
    ...queue,
    file: 'worker/executions/background/start.ts',
    what: 'the background holds all output from the start',
    find: 'held_output_tokens: plan.held_output_tokens,',
    replace: '',
  },
  {
    file: 'worker/executions/fitting.ts',
    project: 'unit',
    tests: 'test/unit/executions/fitting.test.ts',
    what: 'an answer is fitted to what others hold of the tenant’s budget',
    find: 'now: byBudget(covered, budget)',
    replace: 'now: byBudget(covered_alone, budget)',
  },
  {
    ...queue,
    file: 'worker/executions/begin.ts',
    tests: 'test/workers/lost-reservation.test.ts',
    what: 'a reservation whose answer was lost is held until its deadline',
    find: 'deps.waitUntil(releaseUnanswered(deps, wallet, start, plan));',
    replace: 'void releaseUnanswered;',
  },
  {
    ...turn,
    what: 'a Retry-After of any length is honoured',
    find: 'Math.min(retry_after_ms, RETRY_AFTER_MAX_MS)',
    replace: 'retry_after_ms',
  },
  {
    ...turn,
    what: 'a Retry-After counts from the start of its attempt',
    find: 'last.started_at_ms + last.latency_ms + ',
    replace: 'last.started_at_ms + ',
  },
  {
    ...turn,
    what: 'the first Retry-After of a provider replaces later ones',
    find: 'attempts.findLast(',
    replace: 'attempts.find(',
  },
  {
    ...turn,
    what: 'the Retry-After of one model applies to all models of its provider',
    find: ' && attempt.provider_model === provider_model',
    replace: '',
  },
  {
    ...delivery,
    what: 'a delivery calls a provider without a live reservation',
    find: "return code === 'user_disabled' || code === 'api_key_revoked' ? fails(code) : DONE;",
    replace: '',
  },
  {
    ...delivery,
    what: 'a delivery calls a provider after the end is decided',
    find: 'if (settlement !== null) return deliveryOf(await settleDecided(deps, key, contents));',
    replace: '',
  },
  {
    ...delivery,
    what: 'the attempt of a failed delivery is not stored',
    find: '    attempts: mergeAttempts(output.attempts, attempts),\n',
    replace: '',
  },
  {
    ...delivery,
    what: 'the reservation of a deleted execution stays held',
    find: 'if (contents === null) return deliveryOf(await releaseDeleted(deps, key));',
    replace: 'if (contents === null) return DONE;',
  },
  {
    ...delivery,
    what: 'a settlement that does not reach the wallet is not retried',
    find: "settled.failure?.code === 'unavailable' ? SOON : DONE",
    replace: 'DONE',
  },
  {
    ...settlement,
    what: 'the last writer decides the end instead of the first',
    find: 'while (current !== null && current.output.settlement === null)',
    replace: 'while (current !== null)',
  },
  {
    ...settlement,
    what: 'an answer that was not charged is kept',
    find: "settled.failure.code === 'execution_over' && answer !== null",
    replace: 'answer === null',
  },
  {
    ...end,
    what: 'the oldest attempts are kept instead of the newest',
    find: '.slice(-ATTEMPTS_KEPT_MAX)',
    replace: '.slice(0, ATTEMPTS_KEPT_MAX)',
  },
  {
    ...cancelled,
    file: 'worker/executions/background/watch-cancellation.ts',
    what: 'a cancelled execution lets its provider run on',
    find: 'if (answer.ok && answer.value.ok && !answer.value.goes_on)',
    replace: 'if (!answer.ok && answer.failure.code !== "unavailable")',
  },
  {
    ...cancelled,
    file: 'worker/executions/background/cancel.ts',
    what: 'cancelling during an attempt releases the reservation',
    find: 'output.attempt_began_at_ms === undefined',
    replace: 'output.cancelled_at_ms === undefined',
  },
  {
    ...cancelled,
    file: 'worker/executions/background/delivery.ts',
    what: 'a cancelled execution is attempted again after a crash',
    find: 'if (cancelled_at_ms === undefined) return null;',
    replace: 'return null;',
  },
  {
    ...settlement,
    what: 'an execution whose contents are deleted during an attempt costs nothing',
    find: 'if (decided === null) return settleDeleted(deps, key, decision(contents.output.attempts, true));',
    replace: 'if (decided === null) return releaseDeleted(deps, key);',
  },
  {
    ...runner,
    what: 'an execution is attempted without end',
    find: 'deliveries < DELIVERIES_MAX ? deliverExecution',
    replace: 'deliveries >= 0 ? deliverExecution',
  },
  {
    ...runner,
    what: 'the object of an execution is kept after its end',
    find: 'if (wait_ms === null) await this.ctx.storage.deleteAll();',
    replace: 'if (wait_ms === null) return;',
  },
];
