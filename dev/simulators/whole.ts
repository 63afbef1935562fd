import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './faults.ts';
import { faultRefusal, keyRefusal, MISSING_MODEL, refuse, usageModeOf } from './generate.ts';
import { sendBytes, sendEmpty } from './http.ts';
import { RawAnswer, type SimulatedApi, type WholeRequest } from './simulated-api.ts';

/** Answers a request whose answer never streams, such as for embeddings: like the provider, or with a fault. */
export async function answerWhole(
  incoming: IncomingMessage,
  response: ServerResponse,
  api: SimulatedApi,
  { key, parsed, fault }: { key: string | null; parsed: WholeRequest; fault: Fault },
): Promise<void> {
  if (fault.mode === 'hang' || fault.mode === 'hang_mid_stream') return;
  if (fault.mode === 'reset_before') {
    incoming.socket.destroy();
    return;
  }
  if (fault.mode === 'slow' || fault.mode === 'slow_start') await sleep(fault.delay_ms);
  const early = keyRefusal(key) ?? faultRefusal(fault, false);
  if (early !== null) return refuse(response, api, early);
  if (!parsed.ok) return refuse(response, api, { why: 'invalid', message: parsed.message });
  if (parsed.model === MISSING_MODEL)
    return refuse(response, api, { why: 'unknown_model', model: parsed.model });
  if (fault.mode === 'empty_body') return sendEmpty(response);
  const body = parsed.answer(usageModeOf(fault));
  const raw =
    body instanceof RawAnswer ? body : new RawAnswer('application/json', Buffer.from(JSON.stringify(body)));
  if (fault.mode === 'reset_mid_stream') sendBytes(response, raw, 'cut');
  else if (fault.mode === 'malformed_sse') sendBytes(response, raw, 'ended');
  else sendBytes(response, raw);
}
