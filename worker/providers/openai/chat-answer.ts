import type { EndDetails } from '../../../contracts/chat/chat.ts';
import { endDetailsOf } from '../chat/end-details.ts';
import {
  finishReasonOf,
  isNoReason,
  namesReason,
  nativeFailure,
  readFinishReason,
  statedReason,
  stopCauseOf,
} from '../chat/finish-reason.ts';
import { believedUsage, charsIn } from '../chat/said.ts';
import { fieldsOf } from '../metering/reported-usage.ts';
import type { FinishReason, StreamEvent } from '../provider.ts';
import { bodyError } from '../transport/body-error.ts';
import { invalidResponse } from '../transport/failure.ts';
import { failed, type StreamReader, unreadable } from '../transport/stream-reader.ts';
import { CalledTools } from './called-tools.ts';
import { contentOf, reasoningIn, refusalOf } from './content.ts';
import { readOpenAiInBandError } from './errors.ts';
import { mergeReports, readReport, readUsage, type UsageReport } from './usage.ts';

type Fields = Record<string, unknown>;

/** True for a field that servers leave out or send empty. */
const isAbsent = (value: unknown): boolean => value === undefined || value === null;

/** The most characters of fields that are carried for the client, as JSON: an isolate has 128 MB for all its requests. */
const CARRIED_CHARS_MAX = 4_194_304;
/** The most pieces of reasoning in the form of a server. */
const DETAILS_MAX = 16_384;

/** The choices of an event: a list, one alone, or none. Null for anything else. */
function choicesIn({ choices }: Fields): unknown[] | null {
  if (Array.isArray(choices)) return choices;
  if (isAbsent(choices)) return [];
  return fieldsOf(choices) === null ? null : [choices];
}

/** True for a delta that says nothing beside its text and its role. */
function isPlain(delta: Fields): boolean {
  for (const name in delta) {
    if (name !== 'content' && name !== 'role' && !isAbsent(delta[name])) return false;
  }
  return true;
}

/**
 * The text of a chunk that holds a piece of text and nothing else, as most chunks do; null for any other. It saves most of the work
 * on a chunk.
 */
function plainText({ choices, usage, error, object, x_groq, base_resp }: Fields): string | null {
  if (!Array.isArray(choices) || choices.length !== 1 || object === 'error') return null;
  if (!isAbsent(base_resp) || !isAbsent(usage) || !isAbsent(error) || !isAbsent(x_groq)) return null;
  const choice: Fields = choices[0] ?? {};
  const { index, finish_reason } = choice;
  if ((index !== 0 && !isAbsent(index)) || !isAbsent(finish_reason)) return null;
  if (!isAbsent(choice.usage) || !isAbsent(choice.error)) return null;
  const delta = fieldsOf(choice.delta);
  const content = delta?.content;
  if (delta === null || typeof content !== 'string' || content === '') return null;
  return isPlain(delta) ? content : null;
}

/**
 * Reads one answer of chat completions: the chunks of a stream, or a body in one piece. An event that cannot be read is passed over,
 * and the answer fails if it cannot be told without it.
 */
export class ChatAnswer {
  readonly #calls = new CalledTools();
  #report: UsageReport | null = null;
  #reason: FinishReason | null = null;
  /** True while no more of the answer is expected: its end was told, and nothing was said after it. */
  #isOver = false;
  /** True if the end was told apart from the answer, and the usage is known. */
  #isSettled = false;
  /** True if the usage was told apart from the answer, and nothing was said after it. */
  #isCounted = false;
  /** The number of the choice that is read; null before the first. */
  #choice: number | null = null;
  /** The text so far of an answer that is sent as a message, not as deltas. */
  #whole: string | null = null;
  #stop_sequence: string | null = null;
  #stop_cause: EndDetails['stop_cause'];
  #said_chars = 0;
  #hasSpoken = false;
  #isRefused = false;
  #carried_chars = 0;
  #details = 0;
  #unread: string | null = null;

  /** Passes over an event that cannot be read. */
  skip(message: string): StreamEvent[] {
    this.#unread ??= message;
    return [];
  }

  /** Reads a chunk of a stream, or a body in one piece. */
  read(data: unknown): StreamEvent[] {
    const fields = fieldsOf(data);
    if (fields === null) return this.skip('An event is not a chunk of a chat completion');
    const text = plainText(fields);
    if (text === null) return this.#readFields(fields);
    this.#whole = null;
    const events: StreamEvent[] = [{ type: 'text', text }];
    this.#say(events);
    return events;
  }

  /** The events after which nothing follows, the terminal one as the last. */
  finish(): StreamEvent[] {
    return [...this.rest(), this.#terminal()];
  }

  /** The events that an answer owes before its end. */
  rest(): StreamEvent[] {
    return this.#calls.flush();
  }

  /** The end of a body without a mark of its end. Null if neither the end of the answer nor its usage was told. */
  end(): StreamEvent | null {
    if (this.#reason !== null || this.#isCounted) return this.#terminal();
    return this.#unread === null ? null : failed(invalidResponse(this.#unread));
  }

  expects(): ReturnType<NonNullable<StreamReader<never>['expects']>> {
    if (!this.#isOver) return this.#isCounted ? 'usage' : 'answer';
    // An end before anything was said may stand at the head of the answer.
    return this.#isSettled && this.#flaw() === null ? 'nothing' : 'usage';
  }

  #say(events: readonly StreamEvent[]): void {
    this.#hasSpoken = true;
    this.#isOver = false;
    this.#isSettled = false;
    this.#isCounted = false;
    this.#said_chars += charsIn(events);
  }

  #readFields(fields: Fields): StreamEvent[] {
    const choices = choicesIn(fields);
    if (choices === null) return this.skip('An event is not a chunk of a chat completion');
    const own = this.#ownOf(choices);
    const choice = own ?? {};
    const error = bodyError(fields, choice);
    if (error !== undefined) return [failed(readOpenAiInBandError(error))];
    const reports = [fields.usage, fieldsOf(fields.x_groq)?.usage, choice.usage];
    const report = reports.map(readReport).reduce(mergeReports, null);
    this.#report = mergeReports(this.#report, report);
    this.#isRefused ||= fields.input_sensitive === true || fields.output_sensitive === true;
    const said = this.#readChoice(choice);
    this.#isSettled ||= this.#isOver && report !== null && said.length === 0;
    this.#isCounted ||= this.#hasSpoken && report !== null && own === undefined;
    return said;
  }

  /** The choice that was asked for. Further ones are passed over. The first one counts, whatever its number. */
  #ownOf(choices: unknown[]): Fields | undefined {
    const all = choices.map(fieldsOf).filter((one) => one !== null);
    const numberOf = ({ index }: Fields) => Number(index ?? 0);
    if (this.#choice === null) {
      const first = all.find((one) => numberOf(one) === 0) ?? all[0];
      this.#choice = first === undefined ? null : numberOf(first);
    }
    return all.find((one) => numberOf(one) === this.#choice);
  }

  #readChoice(choice: Fields): StreamEvent[] {
    const { finish_reason, native_finish_reason } = choice;
    const events = this.#readContent(choice);
    if (events.length > 0) this.#say(events);
    if (typeof finish_reason !== 'string' || isNoReason(finish_reason)) return events;
    const reason = readFinishReason(finish_reason);
    const failure = reason.ok ? nativeFailure(native_finish_reason) : reason.failure;
    if (failure !== null) return [...events, failed(failure)];
    if (reason.ok) this.#reason = reason.finish_reason;
    this.#stop_cause = stopCauseOf(finish_reason) ?? stopCauseOf(statedReason(native_finish_reason));
    this.#isOver = true;
    this.#readStop(choice);
    return events;
  }

  /** The content of a choice: in a delta, in a message, or in the text of the older completions. */
  #readContent({ delta, message, text }: Fields): StreamEvent[] {
    if (!isAbsent(delta)) {
      this.#whole = null;
      return this.#readSaid(fieldsOf(delta) ?? {}, false);
    }
    const said = fieldsOf(message) ?? { content: text };
    const whole = contentOf(said.content).text;
    if (!this.#hasSpoken) {
      this.#whole = whole;
      return this.#readSaid(said, true);
    }
    // Some servers send the message so far in each chunk, or the whole one in the last. Its calls may be there alone.
    const isNew = this.#calls.count === 0 && !isAbsent(said.tool_calls);
    return [...this.#moreOf(whole), ...(isNew ? this.#calls.read(said.tool_calls, true) : [])];
  }

  /** The rest of a message of which the beginning was sent as a message before. */
  #moreOf(whole: string): StreamEvent[] {
    const before = this.#whole;
    if (before === null || whole.length <= before.length || !whole.startsWith(before)) return [];
    this.#whole = whole;
    return [{ type: 'text', text: whole.slice(before.length) }];
  }

  /** The sequence that ended the answer: vLLM tells it as `stop_reason`, SGLang as `matched_stop`. A token has a number. */
  #readStop({ stop_reason, matched_stop }: Fields): void {
    const sequence = [stop_reason, matched_stop].find((value) => typeof value === 'string' && value !== '');
    if (typeof sequence === 'string' && !namesReason(sequence)) this.#stop_sequence = sequence;
  }

  #readSaid(said: Fields, isMessage: boolean): StreamEvent[] {
    const content = contentOf(said.content);
    const refusal = refusalOf(said);
    this.#isRefused ||= refusal !== '';
    const text = content.text || refusal;
    const calls = said.tool_calls ?? said.function_call;
    return [
      ...reasoningIn(said, content.reasoning).map((part) => ({ type: 'reasoning' as const, ...part })),
      ...(text === '' ? [] : [{ type: 'text' as const, text }]),
      ...(isAbsent(calls) ? [] : this.#calls.read(calls, isMessage)),
      ...this.#readCarried(said),
    ];
  }

  #readCarried(said: Fields): StreamEvent[] {
    const reasoning_details = Array.isArray(said.reasoning_details) ? said.reasoning_details : [];
    const extra_content = fieldsOf(said.extra_content);
    if (reasoning_details.length === 0 && extra_content === null) return [];
    const carried = {
      ...(reasoning_details.length > 0 && { reasoning_details }),
      ...(extra_content !== null && { extra_content }),
    };
    this.#carried_chars += JSON.stringify(carried).length;
    this.#details += reasoning_details.length;
    if (this.#carried_chars > CARRIED_CHARS_MAX || this.#details > DETAILS_MAX)
      return unreadable('The fields beside the answer are too long');
    return [{ type: 'carried', ...carried }];
  }

  /** The end of the answer: a failure if it says nothing or cannot be told. */
  #terminal(): StreamEvent {
    const failure = this.#flaw();
    if (failure !== null) return failed(invalidResponse(failure));
    const read = readUsage(this.#report, { spoke: this.#hasSpoken });
    const finish_reason = finishReasonOf(this.#reason, {
      refused: this.#isRefused,
      calls: this.#calls.count > 0,
    });
    return {
      type: 'done',
      finish_reason,
      usage: believedUsage(read?.usage ?? null, this.#said_chars),
      ...(read?.is_corrected === true && { usage_corrected: true }),
      ...endDetailsOf({
        stop_sequence: finish_reason === 'stop' ? (this.#stop_sequence ?? undefined) : undefined,
        stop_cause: this.#stop_cause,
      }),
    };
  }

  /** The reason why the answer cannot be told; null if it can. */
  #flaw(): string | null {
    if (this.#unread !== null && (!this.#hasSpoken || this.#calls.isUnfinished)) return this.#unread;
    if (this.#hasSpoken || this.#isRefused || this.#reason === 'content_filter') return null;
    if (this.#choice === null) return 'The answer has no choice';
    if (this.#reason === 'tool_calls') return 'The answer ends with calls and has none';
    const usage = readUsage(this.#report, { spoke: false })?.usage;
    return usage !== undefined && usage.output_tokens > 0 ? null : 'The answer says nothing';
  }
}
