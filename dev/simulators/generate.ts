import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerTo, type SimulatedAnswer } from './answer.ts';
import type { Fault } from './faults.ts';
import { type StreamAccident, sendEmpty, sendEvents, sendHalfJson, sendJson } from './http.ts';
import type { SimulatedApi, SimulatedRefusal, SimulatedRequest, UsageMode } from './simulated-api.ts';

/** A key that every simulated provider refuses, and a model that none of them has. */
const INVALID_KEY = 'invalid-key';
export const MISSING_MODEL = 'missing-model';

/** Answers with the provider's own error. */
export function refuse(response: ServerResponse, api: SimulatedApi, refusal: SimulatedRefusal): void {
  const { status, body, headers } = api.refuse(refusal);
  sendJson(response, status, body, headers);
}

/** Returns the refusal of a missing key or of {@link INVALID_KEY}; null for any other key. */
export function keyRefusal(key: string | null): SimulatedRefusal | null {
  if (key === null || key === '') return { why: 'missing_key' };
  return key === INVALID_KEY ? { why: 'invalid_key' } : null;
}

/** Returns the provider's error for a fault, or null if the fault is of another kind. */
export function faultRefusal(fault: Fault, isStream: boolean): SimulatedRefusal | null {
  switch (fault.mode) {
    case 'rate_limited':
      return { why: 'rate_limited', retry_after_s: fault.retry_after_s ?? null };
    case 'server_error':
    case 'overloaded':
    case 'prompt_too_long':
    case 'not_found':
      return { why: fault.mode };
    case 'error_first':
    case 'error_mid_stream':
    case 'error_after_thinking':
      // An answer in one piece can report it only by its status.
      return isStream ? null : { why: 'overloaded' };
    default:
      return null;
  }
}

const usageModes: Partial<Record<Fault['mode'], UsageMode>> = {
  missing_usage: 'missing',
  hostile_usage: 'hostile',
};

/** Returns the way in which an answer with a fault reports its usage. */
export const usageModeOf = ({ mode }: Fault): UsageMode => usageModes[mode] ?? 'reported';

/** Faults that happen in the middle of a stream, or after its last event. */
const accidents: Partial<Record<Fault['mode'], StreamAccident>> = {
  hang_mid_stream: 'hang',
  stays_open: 'stay_open',
  reset_mid_stream: 'cut',
  malformed_sse: 'garble',
};

/** Matches the events that end a stream. */
const endMarker = /^(event: message_stop|data: \[DONE\])$/m;

/** Returns the events of a streamed answer. With a fault inside the stream, the events up to the error, and the error. */
function eventsOf(
  api: SimulatedApi,
  request: SimulatedRequest,
  answer: SimulatedAnswer,
  fault: Fault,
): string[] {
  const events = api.events(request, answer, usageModeOf(fault));
  switch (fault.mode) {
    case 'error_first':
      return [api.errorEvent()];
    case 'error_mid_stream':
      return [...events.slice(0, Math.ceil(events.length / 2)), api.errorEvent()];
    case 'error_after_thinking':
      return [...api.thinkingEvents(request, answer), api.errorEvent()];
    case 'stays_open':
      return events.filter((event) => !endMarker.test(event));
    default:
      return events;
  }
}

async function sendAnswer(
  response: ServerResponse,
  api: SimulatedApi,
  request: SimulatedRequest,
  fault: Fault,
): Promise<void> {
  const answer = answerTo(request);
  const isStream = request.stream && !fault.unstreamed;
  const isSlow = fault.mode === 'slow';
  const waitsFirst = fault.mode === 'slow_start' || (isSlow && !isStream);
  if (waitsFirst) await sleep(fault.delay_ms);
  if (isStream) {
    const events = eventsOf(api, request, answer, fault);
    return sendEvents(response, events, {
      delay_ms: isSlow ? fault.delay_ms : 0,
      accident: accidents[fault.mode] ?? 'none',
    });
  }
  const body = api.answer(request, answer, usageModeOf(fault));
  if (fault.mode === 'reset_mid_stream') sendHalfJson(response, body, 'cut');
  else if (fault.mode === 'malformed_sse') sendHalfJson(response, body, 'ended');
  else sendJson(response, 200, body);
}

/** Answers a request to generate like the provider, or with `fault`. */
export async function generate(
  incoming: IncomingMessage,
  response: ServerResponse,
  api: SimulatedApi,
  { key, parsed, fault }: { key: string | null; parsed: ReturnType<SimulatedApi['parse']>; fault: Fault },
): Promise<void> {
  const isStream = parsed.ok && parsed.request.stream && !fault.unstreamed;
  if (fault.mode === 'hang' || (fault.mode === 'hang_mid_stream' && !isStream)) return;
  if (fault.mode === 'reset_before') {
    incoming.socket.destroy();
    return;
  }
  const early = keyRefusal(key) ?? faultRefusal(fault, isStream);
  if (early !== null) return refuse(response, api, early);
  if (!parsed.ok) return refuse(response, api, { why: 'invalid', message: parsed.message });
  const { request } = parsed;
  if (request.model === MISSING_MODEL)
    return refuse(response, api, { why: 'unknown_model', model: request.model });
  if (fault.mode === 'empty_body') return sendEmpty(response);
  await sendAnswer(response, api, request, fault);
}
