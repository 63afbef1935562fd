import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerTo } from './answer.ts';
import type { Fault } from './faults.ts';
import { sendEmpty, sendEvents, sendHalfJson, sendJson } from './http.ts';
import type { Refusal, SimulatedApi, SimulatedRequest, UsageMode } from './simulated-api.ts';

/** A key that every simulated provider refuses as a wrong one, and a model that none of them has. */
const INVALID_KEY = 'invalid-key';
const MISSING_MODEL = 'missing-model';

/** Answers with the provider's own error. */
export function refuse(response: ServerResponse, api: SimulatedApi, refusal: Refusal): void {
  const { status, body, headers } = api.refuse(refusal);
  sendJson(response, status, body, headers);
}

/** Why the key is refused; null when it is not. Any key but one is a good one. */
export function keyRefusal(key: string | null): Refusal | null {
  if (key === null || key === '') return { why: 'missing_key' };
  return key === INVALID_KEY ? { why: 'invalid_key' } : null;
}

/** The faults that are an error in the provider's own words. */
function faultRefusal(fault: Fault): Refusal | null {
  switch (fault.mode) {
    case 'rate_limited':
      return { why: 'rate_limited', retry_after_s: fault.retry_after_s ?? null };
    case 'server_error':
    case 'overloaded':
      return { why: fault.mode };
    default:
      return null;
  }
}

const usageModes: Partial<Record<Fault['mode'], UsageMode>> = {
  missing_usage: 'missing',
  hostile_usage: 'hostile',
};

async function sendAnswer(
  response: ServerResponse,
  api: SimulatedApi,
  request: SimulatedRequest,
  fault: Fault,
): Promise<void> {
  const answer = answerTo(request.model, request.turns, request.max_output_tokens);
  const usage = usageModes[fault.mode] ?? 'reported';
  const delay_ms = fault.mode === 'slow' ? fault.delay_ms : 0;
  if (request.stream) {
    const accidents = { reset_mid_stream: 'cut', malformed_sse: 'garble' } as const;
    const half_way =
      fault.mode === 'reset_mid_stream' || fault.mode === 'malformed_sse' ? accidents[fault.mode] : 'go_on';
    return sendEvents(response, api.events(request, answer, usage), { delay_ms, half_way });
  }
  if (delay_ms > 0) await sleep(delay_ms);
  const body = api.answer(request, answer, usage);
  if (fault.mode === 'reset_mid_stream') sendHalfJson(response, body, 'cut');
  else if (fault.mode === 'malformed_sse') sendHalfJson(response, body, 'ended');
  else sendJson(response, 200, body);
}

/** Answers a request to generate as the provider would, or as `fault` has it. */
export async function generate(
  incoming: IncomingMessage,
  response: ServerResponse,
  api: SimulatedApi,
  { key, parsed, fault }: { key: string | null; parsed: ReturnType<SimulatedApi['parse']>; fault: Fault },
): Promise<void> {
  if (fault.mode === 'hang') return;
  if (fault.mode === 'reset_before') {
    incoming.socket.destroy();
    return;
  }
  const early = keyRefusal(key) ?? faultRefusal(fault);
  if (early !== null) return refuse(response, api, early);
  if (!parsed.ok) return refuse(response, api, { why: 'invalid', message: parsed.message });
  const { request } = parsed;
  if (request.model === MISSING_MODEL)
    return refuse(response, api, { why: 'unknown_model', model: request.model });
  if (fault.mode === 'empty_body') return sendEmpty(response);
  await sendAnswer(response, api, request, fault);
}
