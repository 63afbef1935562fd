import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { inputTokensOf } from './answer.ts';
import type { Fault } from './faults.ts';
import { faultRefusal, keyRefusal, MISSING_MODEL, refuse } from './generate.ts';
import { readJson, sendEmpty, sendHalfJson, sendJson } from './http.ts';
import { type CountOperation, hostileCounts, type SimulatedApi } from './simulated-api.ts';

/** Returns the count to tell: the one that the answer to this request would report, unless the fault has another. */
function toldCount({ mode }: Fault, input_tokens: number): unknown {
  if (mode === 'missing_usage') return undefined;
  return mode === 'hostile_usage' ? hostileCounts.negative : input_tokens;
}

/** Answers a request to count the input of a request, like the provider or with `fault`. */
export async function count(
  incoming: IncomingMessage,
  response: ServerResponse,
  api: SimulatedApi,
  operation: CountOperation,
  { key, fault }: { key: string | null; fault: Fault },
): Promise<void> {
  const { counting } = api;
  if (counting === undefined) return refuse(response, api, { why: 'not_found' });
  const body = await readJson(incoming);
  if (fault.mode === 'hang' || fault.mode === 'hang_mid_stream') return;
  if (fault.mode === 'reset_before') {
    incoming.socket.destroy();
    return;
  }
  if (fault.mode === 'slow' || fault.mode === 'slow_start') await sleep(fault.delay_ms);
  const early = keyRefusal(key) ?? faultRefusal(fault, false);
  if (early !== null) return refuse(response, api, early);
  const parsed = counting.parse(operation, body, incoming.headers);
  if (!parsed.ok) return refuse(response, api, { why: 'invalid', message: parsed.message });
  const { model } = parsed.request;
  if (model === MISSING_MODEL) return refuse(response, api, { why: 'unknown_model', model });
  if (fault.mode === 'empty_body') return sendEmpty(response);
  const answer = counting.answer(toldCount(fault, inputTokensOf(parsed.request)));
  if (fault.mode === 'reset_mid_stream') sendHalfJson(response, answer, 'cut');
  else if (fault.mode === 'malformed_sse') sendHalfJson(response, answer, 'ended');
  else sendJson(response, 200, answer);
}
