import type { Mutation } from './mutation.ts';

const endToEnd = (file: string, test: string): Pick<Mutation, 'file' | 'project' | 'tests'> => ({
  file: `worker/executions/${file}.ts`,
  project: 'e2e',
  tests: `test/e2e/${test}.test.ts`,
});
const stream = endToEnd('run', 'interleaved-tenants');
const brokenStream = { file: stream.file, project: 'workers', tests: 'test/workers/bug-in-stream.test.ts' };
const idempotency = endToEnd('begin', 'idempotency');

const surface = (file: string, test: string): Pick<Mutation, 'file' | 'project' | 'tests'> => ({
  file: `worker/${file}.ts`,
  project: 'unit',
  tests: `test/unit/surfaces/${test}.test.ts`,
});
const kept = {
  ...{ file: 'worker/executions/response-cache/kept-answer.ts', project: 'unit' },
  tests: 'test/unit/executions/response-cache.test.ts',
};
const blocks = surface('surfaces/anthropic/blocks', 'anthropic/answer');

/** Mutations of the whole way from a client to a provider and back, most of which show only under concurrent calls. */
export const gatewayMutations: Mutation[] = [
  {
    what: 'a stream continues after its reservation expired while the wallet was unreachable',
    file: 'worker/executions/hold-keeper.ts',
    find: 'else if (!answer.ok && Date.now() < deadlineMs)',
    replace: 'else if (!answer.ok)',
    project: 'unit',
    tests: 'test/unit/executions/hold-keeper.test.ts',
  },
  {
    what: 'the attempts of the first model leave none to a further one',
    file: 'worker/providers/failover/failover.ts',
    find: 'attempted.length < ATTEMPTS_MAX + (places[candidate] ?? 0)',
    replace: 'attempted.length < ATTEMPTS_MAX + models.length',
    project: 'unit',
    tests: 'test/unit/providers/failover-to-models.test.ts',
  },
  {
    what: 'a conversation goes on at the provider of another user',
    file: 'worker/executions/routing.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: The source has a template.
    find: '`${tenant_id}/${user_id}/${hash(',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: The source has a template.
    replace: '`${tenant_id}/${user_id.slice(0, 0)}/${hash(',
    project: 'unit',
    tests: 'test/unit/executions/routing.test.ts',
  },
  {
    what: 'an alias takes the place of a model of its name',
    file: 'worker/catalog/model-names.ts',
    find: 'if (candidates.some(({ public_name }) => public_name === asked)) return asked;',
    replace: '',
    project: 'unit',
    tests: 'test/unit/catalog/model-names.test.ts',
  },
  {
    ...surface('surfaces/google/stream', 'google/answer'),
    what: 'a call of a function is written before its arguments are whole',
    find: 'if (call !== undefined) call.arguments += json;',
    replace: 'if (call !== undefined) call.arguments = json;',
  },
  {
    ...surface('surfaces/google/contents', 'google/request'),
    what: 'results without ids answer the calls of their name in the wrong order',
    find: 'this.#open.findIndex((call)',
    replace: 'this.#open.findLastIndex((call)',
  },
  {
    ...brokenStream,
    tests: 'test/workers/overlong-answer.test.ts',
    what: 'a stream longer than its limit is not charged',
    find: "if (read.end === 'too_long') return { how: 'answered', answer: plan.task.truncate(answer), ...received };",
    replace: '',
  },
  {
    ...brokenStream,
    what: 'a bug in the middle of a stream keeps the tokens held',
    find: '        await this.#settleBug();\n        // The HTTP status has been sent, so the failure is an event.',
    replace: '',
  },
  {
    ...brokenStream,
    what: 'a bug in the middle of a stream is treated as a client that left',
    find: 'const sending = listener(event);',
    replace: 'const sending = Promise.resolve(event).then(listener);',
  },
  {
    ...stream,
    what: 'one piece in five hundred is sent to another client',
    find: '      await tell(piece);',
    replace: `      const heard = globalThis as { words?: number; last?: typeof piece };
      heard.words = (heard.words ?? 0) + 1;
      const said = heard.words % 500 === 0 ? heard.last : piece;
      heard.last = piece;
      await tell(said ?? piece);`,
  },
  {
    ...blocks,
    what: 'a delta is sent for a block that was stopped',
    find: 'isWhole(this.#unfinished[0])',
    replace: 'isWhole({ ...this.#unfinished[0], call: null })',
  },
  {
    ...blocks,
    what: 'the pieces held back for a call are lost when its block starts',
    find: "...(block.said === ''",
    replace: "...(block.head.type === 'tool_use'",
  },
  {
    ...surface('http/issues', 'openai/request'),
    what: 'an error does not name the invalid part',
    find: 'if (meant !== undefined && meant.depth > 0)',
    replace: 'if (meant !== undefined && meant.depth > 9)',
  },
  {
    ...surface('surfaces/field-names', 'anthropic/error'),
    what: 'an error uses an internal name of a field',
    find: 'names[field] ?? field',
    replace: 'field ?? names[field]',
  },
  {
    ...surface('surfaces/openai/request', 'openai/request'),
    what: 'refusals of the model are dropped from the conversation',
    find: '[...said, ...refused].filter',
    replace: '[...said, ...refused.slice(1)].filter',
  },
  {
    ...idempotency,
    what: 'an Idempotency-Key is ignored',
    find: 'key === undefined ? undefined',
    replace: 'key !== null ? undefined',
  },
  {
    ...idempotency,
    what: 'an Idempotency-Key matches any body',
    find: 'canonicalJson({ surface, body })',
    replace: 'canonicalJson({ surface })',
  },
  {
    file: 'worker/executions/settlement.ts',
    project: 'unit',
    tests: 'test/unit/executions/settlement.test.ts',
    what: 'a model that thinks unseen is left for free',
    find: 'if (running === undefined || !task.hidesOutput(candidate)) return 0;',
    replace: 'if (running !== undefined || !task.hidesOutput(candidate)) return 0;',
  },
  {
    what: 'a chat model answers at the endpoint of embeddings',
    file: 'worker/executions/plan.ts',
    find: 'candidate.kind === kind',
    replace: 'true',
    project: 'unit',
    tests: 'test/unit/executions/embedding-task.test.ts',
  },
  {
    ...kept,
    what: 'a kept answer of another tenant is given',
    find: 'tenant_id === address.tenant_id && owner',
    replace: 'owner',
  },
  {
    ...kept,
    what: 'a kept answer is given after its time',
    find: '&& now_ms < ends_at_ms',
    replace: '',
  },
  {
    ...kept,
    what: 'a shared answer has the key of its first user',
    find: "scope === 'tenant' ? SHARED : user_id",
    replace: "scope === 'user' ? SHARED : user_id",
  },
  {
    ...kept,
    what: 'an answer with estimated usage is kept',
    find: "usage_source === 'reported' &&",
    replace: '',
  },
  {
    what: 'a hit is charged in full',
    file: 'worker/executions/settlement.ts',
    find: ', hit?.price_percent)',
    replace: ')',
    project: 'unit',
    tests: 'test/unit/executions/response-cache.test.ts',
  },
  {
    what: 'a kept answer is given although its charge is not held',
    file: 'worker/executions/run.ts',
    find: 'held.amount >= amount && held.wholesale >= sold ? hit : null',
    replace: 'hit',
    project: 'workers',
    tests: 'test/workers/response-cache.test.ts',
  },
  {
    what: 'an answer whose contents were deleted before is kept',
    file: 'worker/objects/kept-answers.ts',
    find: 'if (stored === null) await objects.delete(key);',
    replace: '',
    project: 'workers',
    tests: 'test/workers/response-cache.test.ts',
  },
];
