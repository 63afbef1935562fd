import type { Mutation } from './mutation.ts';

const at = (name: string, tests: string): Pick<Mutation, 'file' | 'project' | 'tests'> => ({
  file: `worker/providers/${name}.ts`,
  project: 'unit',
  tests: tests
    .split(' ')
    .map((test) => `test/unit/providers/${test}.test.ts`)
    .join(' '),
});
const sse = at('transport/server-sent-events', 'transport/server-sent-events');
const shell = at('transport/stream-provider', 'transport/streams transport/untrusted-servers');
const watch = at('transport/watch', 'transport/streams transport/untrusted-servers');
const openAi = at('openai/chat-answer', 'openai/stream openai/lenient-answers');
const openAiUsage = at('openai/usage', 'openai/usage');
const openAiCalls = at('openai/called-tools', 'openai/called-tools chat/called-tools');
const anthropic = at('anthropic/stream', 'anthropic/stream');
const google = at('google/stream', 'google/stream');
const failover = at('failover/stream-attempts', 'stream-attempts');
const bound = at('metering/token-bound', 'metering/token-bound');

/** Mutations of provider requests, streams, bounds and failover. */
export const providerMutations: Mutation[] = [
  {
    what: 'an event without its last empty line is lost',
    ...sse,
    find: '\\n\\n`),',
    replace: '`),',
  },
  {
    what: 'an event has no length limit',
    ...sse,
    find: "if (unfinished_chars > EVENT_LENGTH_MAX) throw new Error('An event is longer than 8 MiB');",
    replace: '',
  },
  {
    what: 'bytes are decoded chunk by chunk',
    ...sse,
    find: 'decoder.decode(bytes, { stream: true })',
    replace: 'decoder.decode(bytes)',
  },
  {
    what: 'an answer in one piece is read for a stream without events',
    ...at('transport/stream-provider', 'adapters'),
    find: 'this.isWhole = beginsJson(first);',
    replace: 'this.isWhole = false;',
  },
  {
    what: 'a silent stream has no timeout',
    ...shell,
    find: 'this.#watch.wait(body.read(), silence_ms)',
    replace: 'this.#watch.wait(body.read(), null)',
  },
  {
    what: 'a slow reader counts as the provider’s silence',
    ...watch,
    find: '    this.#wait = null;\n',
    replace: '',
  },
  {
    what: 'the first event has no timeout of its own',
    ...watch,
    find: 'this.#firstEvent = limitOf(first_event_timeout_ms);',
    replace: 'this.#firstEvent = limitOf(timeout_ms);',
  },
  {
    what: 'the first-event timeout stays set after the first event',
    ...shell,
    find: '  watch.begun();\n',
    replace: '',
  },
  {
    what: 'cancelling a stream waits for its next event',
    ...shell,
    find: '      this.#watch.stop(cancelled);\n      this.#close();\n',
    replace: '',
  },
  {
    what: 'the connection stays open after a failure',
    ...shell,
    find: '    this.#close();\n    return failed(',
    replace: '    return failed(',
  },
  {
    what: 'the failure of a stream contains the key',
    ...shell,
    find: 'failed(redactFailure(event.failure, credential, settings?.extra_headers))',
    replace: 'event',
  },
  {
    what: 'an OpenAI stream that ends without a finish reason counts as complete',
    ...openAi,
    find: 'if (this.#reason !== null || this.#isCounted) return this.#terminal();',
    replace: 'if (this.#choice !== null) return this.#terminal();',
  },
  {
    what: 'the first usage report wins',
    ...openAiUsage,
    find: 'const laterOf = (before: number | null, after: number | null) => after || (before ?? after);',
    replace: 'const laterOf = (before: number | null, after: number | null) => before || (after ?? before);',
  },
  {
    what: 'zeros beside an answer are believed',
    ...openAiUsage,
    find: ' || (output.output_tokens === 0 && spoke)',
    replace: '',
  },
  {
    what: 'an unknown finish reason counts as the end of an answer',
    ...at('chat/finish-reason', 'openai/answer openai/lenient-answers'),
    find: 'if (finish_reason !== undefined) return { ok: true, finish_reason };',
    replace: "return { ok: true, finish_reason: finish_reason ?? 'stop' };",
  },
  {
    what: 'an answer that says nothing counts as an answer',
    ...openAi,
    find: "? null : 'The answer says nothing'",
    replace: '? null : null',
  },
  {
    what: 'calls with the same index become one call',
    ...openAiCalls,
    find: 'known !== undefined && continues(known, piece)',
    replace: 'known !== undefined',
  },
  {
    what: 'the output tokens of Anthropic’s message_start count as the total',
    ...anthropic,
    find: '{ ...fieldsOf(told), output_tokens: null }',
    replace: 'told',
  },
  {
    what: 'Anthropic’s events are read by their SSE names only',
    ...anthropic,
    find: "typeof fields.type === 'string' ? fields.type : (event ?? '')",
    replace: "event ?? ''",
  },
  {
    what: 'a streamed call without arguments gets no empty object',
    ...at('anthropic/block-reader', 'anthropic/stream'),
    find: "return json === '' ? [{",
    replace: 'return index < 0 ? [{',
  },
  {
    what: 'Google’s error is ignored',
    ...google,
    find: 'if (error !== undefined) return [failed(readGoogleError(error, null))];',
    replace: '',
  },
  {
    what: 'Google’s thoughts are part of the answer',
    ...at('google/answer', 'google/stream'),
    find: "if (thought === true) return text ? [{ type: 'reasoning', text }] : [];",
    replace: '',
  },
  {
    what: 'a cancelled stream counts as a success of its provider',
    ...failover,
    find: 'if (failure === cancelled || (failure !== null && signal.aborted)) return;',
    replace: 'failure = null;',
  },
  {
    what: 'a stream is recorded twice',
    ...failover,
    find: 'if (!hasEnded) onEnd(failure);',
    replace: 'onEnd(failure);',
  },
  {
    what: 'images cost nothing',
    ...bound,
    find: 'const images = imageTokensBound(request);',
    replace: 'const images = 0;',
  },
  {
    what: 'a request with a PDF is bounded by its text',
    ...at('metering/token-bound', 'metering/token-bound'),
    tests: 'test/unit/executions/plan.test.ts',
    find: 'hasFiles(request) ? context_window_tokens : ',
    replace: '',
  },
  {
    what: 'a PDF is counted as nothing by a tokenizer',
    ...at('metering/input-count', 'metering/input-count'),
    find: 'hasFiles(request) ? null : ',
    replace: '',
  },
  {
    what: 'images in an answer are not held',
    ...at('metering/pricing', 'metering/pricing'),
    find: "Math.max(rates.output, rateOf(rates, 'output_image'), rateOf(rates, 'output_audio'))",
    replace: 'rates.output',
  },
  {
    what: 'an hour in the cache is not held',
    ...at('metering/pricing', 'metering/pricing'),
    find: '    ...classes.map((name) => rateOf(rates, name)),\n',
    replace: '',
  },
  {
    what: 'later instructions are hoisted to the beginning',
    ...at('chat/turns', 'anthropic/later-instructions google/request'),
    find: 'if (turns.length === 0) instructions',
    replace: 'if (turns.length >= 0) instructions',
  },
  {
    what: 'the schemas of tools are not counted',
    ...bound,
    find: 'sum + added.tool + json(tool)',
    replace: 'sum + added.tool',
  },
  {
    what: 'an estimate exceeds the output limit',
    file: 'worker/executions/settlement.ts',
    project: 'unit',
    tests: 'test/unit/executions/settlement.test.ts',
    find: 'Math.min(estimate.output_tokens, plan.max_output_tokens)',
    replace: 'estimate.output_tokens',
  },
  {
    what: 'an image is sent without a level of detail',
    ...at('openai/messages', 'openai/request'),
    find: 'detail: imageDetailOf(part)',
    replace: "detail: part.detail ?? 'auto'",
  },
  {
    what: 'images of an unknown model are counted by the rule of known ones',
    ...at('openai/limits', 'metering/token-bound'),
    find: 'placed.test(request.model) ? TOKENS_PLACED : TOKENS_UNPLACED',
    replace: 'TOKENS_PLACED',
  },
  {
    what: 'a called tool can have an invalid name',
    ...openAiCalls,
    find: "if (name !== '' && !calledToolName.safeParse(name).success)",
    replace: 'if (false)',
  },
  {
    what: 'a known parameter in capitals counts as unknown',
    ...at('chat/extra-parameters', 'capabilities'),
    find: 'withheld.get(folded(name))',
    replace: 'withheld.get(name)',
  },
  {
    what: 'the bound of a prompt ignores that normalization can lengthen it',
    ...at('metering/token-bound', 'metering/token-bound'),
    find: "bound += Math.max(byteLength(piece), byteLength(piece.normalize('NFKC')));",
    replace: 'bound += byteLength(piece);',
  },
  {
    what: 'a caller’s parameters override ours',
    ...at('chat/extra-parameters', 'openai/request'),
    find: 'filter(([name]) => !withheld.has(folded(name)) && isAllowed(name, allowed))',
    replace: "filter(([name]) => name !== '')",
  },
  {
    what: 'a parameter that nobody knows is passed on',
    ...at('chat/extra-parameters', 'chat/extra-parameters'),
    find: 'isKnownParameter(name) || allowed.includes(name)',
    replace: "isKnownParameter(name) || name !== ''",
  },
  {
    what: 'the time-outs of one tenant open the breaker for all',
    ...at('failover/breakers', 'breakers'),
    find: 'return untils[TENANTS_TO_OPEN - 1] ?? 0;',
    replace: 'return untils[0] ?? 0;',
  },
  {
    what: 'an answer to one tenant leaves a credential closed to others',
    ...at('failover/breakers', 'breakers'),
    find: '.filter(({ at_ms }) => at_ms > answered_ms)',
    replace: '.filter(({ at_ms }) => at_ms > 0 * answered_ms)',
  },
  {
    what: 'a refused credential is left alone by one tenant only',
    ...at('failover/breakers', 'breakers'),
    find: "if (failure.kind === 'authentication') this.#refused.failed",
    replace: "if (failure.kind === 'timeout') this.#refused.failed",
  },
  {
    what: 'several answers can be requested',
    ...at('chat/extra-parameters', 'capabilities'),
    find: "['n', [1]],",
    replace: '',
  },
  {
    what: 'schemas of maps are sent to Anthropic, which would close them',
    ...at('anthropic/limits', 'capabilities'),
    find: 'if (additionalProperties === true || fieldsOf(additionalProperties) !== null) return true;',
    replace: '',
  },
  {
    what: 'images by URL are dropped on the way to Google',
    ...at('google/limits', 'capabilities'),
    find: "images.some(({ source }) => source.kind === 'url'))\n    return",
    replace: 'false)\n    return',
  },
  {
    what: 'a client that left is charged for an attempt that timed out',
    ...at('failover/attempts', 'stream-attempts attempts'),
    find: 'wasCancelled(failed) ? { candidate, output_bytes } : null',
    replace: '{ candidate, output_bytes }',
  },
  {
    what: 'a provider is called after the client has left',
    ...at('failover/attempts', 'attempts'),
    find: 'signal.aborted || plan.hasLeft?.() === true',
    replace: 'signal.aborted || (attempts.length > 0 && plan.hasLeft?.() === true)',
  },
  {
    what: 'a client that left during reasoning is not charged for the reasoning',
    ...failover,
    find: 'return { ok: false, failure: value.failure, output_bytes };',
    replace: 'return { ok: false, failure: value.failure, output_bytes: 0 };',
  },
  {
    what: 'reasoning that is not shown counts as the first content',
    ...failover,
    find: "delivery === 'live_content' && pieces.isContent(value)",
    replace: "delivery === 'live_content'",
  },
  {
    what: 'reasoning held back has no limit',
    ...failover,
    find: 'output_bytes > held_bytes_max',
    replace: 'output_bytes > held_bytes_max ** 2',
  },
  {
    what: 'a complete answer is lost if its connection breaks afterwards',
    ...shell,
    find: "return this.#expected() === 'answer' ? [failed(failure)] : this.#endOr(failure);",
    replace: 'return [failed(failure)];',
  },
  {
    what: 'a prompt that was too long is sent to a model with the same context window',
    ...at('failover/failover', 'failover'),
    find: 'windowOf(candidate) > tooSmall',
    replace: 'windowOf(candidate) >= tooSmall',
  },
  {
    what: 'a request above the account’s limit opens the circuit breaker',
    ...at('transport/error-words', 'openai/errors'),
    find: 'words: aboveRateLimit',
    replace: 'words: /^$/',
  },
  {
    what: 'a reason before anything was said ends an answer of Google’s',
    ...at('google/stream', 'google/stream'),
    find: "this.#isOver && this.#spoke ? 'nothing'",
    replace: "this.#isOver ? 'nothing'",
  },
  {
    what: 'an account that is suspended is told as a fault of the request',
    ...at('transport/error-words', 'refusals-of-servers'),
    find: 'oneOf(400, 412, 429), words: unpaid',
    replace: 'oneOf(400, 429), words: unpaid',
  },
  {
    what: 'a quirk that was learned is not remembered',
    ...at('transport/quirks', 'transport/quirks'),
    find: 'if (learned.length > 0) remember(',
    replace: 'if (learned.length > 9) remember(',
  },
  {
    what: 'the output limit is left out rather than renamed',
    ...at('transport/quirks', 'transport/quirks'),
    find: 'other === undefined ? { drop: first } : { rename: first, to: other }',
    replace: '{ drop: first }',
  },
  {
    what: 'a refusal of one user’s prompt with 403 takes the provider from all',
    ...at('transport/failure', 'openai/errors'),
    find: 'return forbidden(http);',
    replace: 'return credentialFault(http);',
  },
  {
    what: 'the timeout does not grow with the output limit',
    file: 'worker/executions/patience.ts',
    project: 'unit',
    tests: 'test/unit/executions/patience.test.ts',
    find: 'max_output_tokens * MS_PER_OUTPUT_TOKEN',
    replace: 'MS_PER_OUTPUT_TOKEN',
  },
  {
    what: 'a preview that changes a price is asked for',
    ...at('anthropic/betas', 'anthropic/request'),
    find: 'betas.filter((name) => passed.has(name))',
    replace: 'betas',
  },
  {
    what: 'an edit of the thinking is sent with a request that does not think',
    ...at('anthropic/request', 'anthropic/request'),
    find: 'return thinks ? [...ofThinking, ...others] : others;',
    replace: 'return [...ofThinking, ...others];',
  },
  {
    what: 'a recording is held by its text',
    ...at('chat/conversation', 'metering/input-count'),
    tests: 'test/unit/executions/plan.test.ts',
    find: ' || audiosOf(chat).length > 0',
    replace: '',
  },
  {
    what: 'a vector is lost where a server answers in another order',
    ...at('openai/endpoints/embeddings', 'embedding/adapters'),
    find: '.sort((one, other) => one.index - other.index)',
    replace: '',
  },
  {
    what: 'an answer with fewer vectors than texts is taken',
    ...at('embedding/batches', 'embedding/batches'),
    find: 'if (batch.vectors.length !== input.items.length)',
    replace: 'if (batch.vectors.length > input.items.length)',
  },
  {
    what: 'the tokens of an embedding are bounded by characters',
    ...at('embedding/tokens', 'embedding/tokens'),
    find: 'sumOf(input, textBound)',
    replace: 'sumOf(input, (text) => text.length)',
  },
  {
    what: 'the usage of the first batch alone is charged',
    ...at('embedding/batches', 'embedding/batches'),
    find: 'input_tokens === null || more === null ? null : input_tokens + more',
    replace: 'input_tokens',
  },
];
