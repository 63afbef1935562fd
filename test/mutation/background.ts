import type { Mutation } from './mutation.ts';

const turn = {
  file: 'worker/executions/background/turn.ts',
  project: 'unit',
  tests: 'test/unit/executions/background/turn.test.ts',
};
const queue = { project: 'workers', tests: 'test/workers/executions-queue.test.ts' };
const delivery = { ...queue, file: 'worker/executions/background/delivery.ts' };
const settlement = { ...queue, file: 'worker/executions/background/decide.ts' };
const end = { ...settlement, project: 'unit', tests: 'test/unit/executions/background/decide.test.ts' };

/** Faults in executions in the background: whom they ask, what they remember, how they end. */
export const backgroundMutations: Mutation[] = [
  {
    ...turn,
    what: 'the first provider has every turn in the background',
    find: 'const first = attempts.length % candidates.length;',
    replace: 'const first = 0;',
  },
  {
    ...delivery,
    what: 'what was said when the time is over is thrown away, and asked for once more',
    find: "read.end === 'failed' ? isOverTime(deadline_ms)",
    replace: "read.end === 'failed' ? false",
  },
  {
    ...delivery,
    what: 'an answer that is longer than its limit is asked for again and again',
    find: 'if (isCut && output_bytes > 0)',
    replace: "if (isCut && read.end === 'failed')",
  },
  {
    ...delivery,
    what: 'a prompt that no model takes is sent again and again',
    find: "kind === 'context_length' && !candidates.some",
    replace: "kind === 'content_filter' && !candidates.some",
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
    what: 'a provider is left alone for as long as it asks, be it days',
    find: 'Math.min(retry_after_ms, RETRY_AFTER_MAX_MS)',
    replace: 'retry_after_ms',
  },
  {
    ...turn,
    what: 'a provider’s wish counts from before it was told',
    find: 'last.started_at_ms + last.latency_ms + ',
    replace: 'last.started_at_ms + ',
  },
  {
    ...turn,
    what: 'a provider’s first wish holds for ever',
    find: 'attempts.findLast(',
    replace: 'attempts.find(',
  },
  {
    ...turn,
    what: 'all models of a provider are left alone with one',
    find: ' && attempt.provider_model === provider_model',
    replace: '',
  },
  {
    ...delivery,
    what: 'a delivery asks a provider though the hold is gone',
    find: "return code === 'user_disabled' || code === 'api_key_revoked' ? fails(code) : DONE;",
    replace: '',
  },
  {
    ...delivery,
    what: 'a delivery asks again though the end is decided',
    find: 'if (settlement !== null) return deliveryOf(await settleDecided(deps, key, contents));',
    replace: '',
  },
  {
    ...delivery,
    what: 'a failed delivery is not remembered',
    find: '    attempts: mergeAttempts(output.attempts, attempts),\n',
    replace: '',
  },
  {
    ...delivery,
    what: 'what its user deleted stays held',
    find: 'if (contents === null) return deliveryOf(await releaseDeleted(deps, key));',
    replace: 'if (contents === null) return DONE;',
  },
  {
    ...delivery,
    what: 'a wallet that was not told of the end is never told',
    find: "settled.failure?.code === 'unavailable' ? SOON : DONE",
    replace: 'DONE',
  },
  {
    ...settlement,
    what: 'whoever writes last decides how it ends',
    find: 'while (current !== null && current.output.settlement === null)',
    replace: 'while (current !== null)',
  },
  {
    ...settlement,
    what: 'an answer that was not paid for is kept',
    find: "settled.failure.code === 'execution_over' && answer !== null",
    replace: 'answer === null',
  },
  {
    ...end,
    what: 'the oldest attempts push out the newest',
    find: '.slice(-ATTEMPTS_KEPT_MAX)',
    replace: '.slice(0, ATTEMPTS_KEPT_MAX)',
  },
];
