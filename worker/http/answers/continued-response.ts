import type { ChatMessage } from '../../../contracts/chat/chat.ts';
import type { ResponsesRequest } from '../../../contracts/v1/responses-request.ts';
import { getOwnContents } from '../../db/executions/contents.ts';
import { executionOfResponse } from '../../surfaces/responses/answer.ts';
import { conversationOf } from '../../surfaces/responses/kept.ts';
import {
  type KeptResponse,
  referredExecutions,
  withReferredItems,
} from '../../surfaces/responses/references.ts';
import type { PrincipalEnv, RequestContext } from '../app-env.ts';
import { dependenciesOf } from '../dependencies-of.ts';
import { problem } from '../errors.ts';
import { refuseField } from '../refuse-field.ts';

type Context = RequestContext & { var: PrincipalEnv['Variables'] };

/** A request with the items it refers to, and the conversation that it continues. */
type Continued = { request: ResponsesRequest; earlier: ChatMessage[] };

/** Waits of a request that continues a response whose contents are not stored yet: that happens after its answer. */
const WAITS_MS = [100, 300, 900];

/** The largest number of responses whose items one request refers to. */
const REFERRED_MAX = 50;

/** Time after its begin in which the contents of an execution can still be on their way: executions run for an hour at most. */
const RECENT_MS = 3_900_000;

/** True for an execution that began lately. Its id is a UUIDv7, which begins with the milliseconds since 1970. */
const isRecent = (executionId: string): boolean =>
  Date.now() - Number.parseInt(executionId.replace('-', '').slice(0, 12), 16) < RECENT_MS;

/** Returns the contents of a response of the caller's; null if they are not kept, or the execution is one of another API. */
async function keptResponse(c: Context, executionId: string): Promise<KeptResponse | null> {
  for (const waitMs of isRecent(executionId) ? [0, ...WAITS_MS] : [0]) {
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const contents = await getOwnContents(dependenciesOf(c).database, c.var.principal, executionId);
    const kept = contents.ok ? contents.value.kept : null;
    if (kept !== null) return kept.input.response_request === undefined ? null : kept;
  }
  return null;
}

/** Returns the refusal of an API key that must not read what is kept, or null. */
function refuseKey(c: Context): Response | null {
  const scope = 'executions:read';
  const scopes = c.var.keyScopes;
  if (scopes === null || scopes.includes(scope)) return null;
  return problem(c, 'forbidden', {
    message: `This API key does not have the scope ${scope}, which previous_response_id and item references need.`,
    details: { scope, scopes },
  });
}

/** Refuses a conversation that is longer than a body could be. */
function refuseTooLong(c: Context, { request, earlier }: Continued): Response | null {
  const bytes = new TextEncoder().encode(JSON.stringify([earlier, request.input])).byteLength;
  if (bytes <= c.var.settings.PROMPT_LIMIT_BYTES) return null;
  return refuseField(c, {
    field: earlier.length > 0 ? 'previous_response_id' : 'input',
    rule: 'too_big',
    message: 'The conversation with what is kept is too large',
  });
}

const refuseReference = (c: Context, place: number) =>
  refuseField(c, {
    field: `input.${place}.id`,
    rule: 'not_found',
    message:
      'There is no such item, or its response is not kept. Send the item itself, as clients do with store: false',
  });

const refuseReferences = (c: Context) =>
  refuseField(c, {
    field: 'input',
    rule: 'too_big',
    message: `References to items of at most ${REFERRED_MAX} responses`,
  });

const refusePrevious = (c: Context) =>
  refuseField(c, {
    field: 'previous_response_id',
    rule: 'not_found',
    message: 'There is no such response, or it is not kept. Send the whole conversation',
  });

/** Loads the responses of the caller's among some executions, each once. */
async function keptResponses(c: Context, ids: readonly string[]): Promise<Map<string, KeptResponse>> {
  const found = await Promise.all(
    [...new Set(ids)].map(async (id) => [id, await keptResponse(c, id)] as const),
  );
  return new Map(found.flatMap(([id, response]) => (response === null ? [] : [[id, response] as const])));
}

/** Returns a request with all that it continues, or the refusal of one that continues what is not kept. */
export async function continuedResponse(
  c: Context,
  request: ResponsesRequest,
): Promise<Continued | Response> {
  const { previous_response_id: before, input } = request;
  const refersTo = typeof input !== 'string' && input.some(({ type }) => type === 'item_reference');
  if (before == null && !refersTo) return { request, earlier: [] };
  const refusal = refuseKey(c);
  if (refusal !== null) return refusal;
  const referred = referredExecutions(input);
  if (referred.length > REFERRED_MAX) return refuseReferences(c);
  const previousId = executionOfResponse(before ?? '');
  const kept = await keptResponses(c, previousId === null ? referred : [...referred, previousId]);
  const previous = kept.get(previousId ?? '');
  const earlier = previous === undefined ? null : conversationOf(previous.input, previous.output);
  if (before != null && earlier === null) return refusePrevious(c);
  const resolved = withReferredItems(input, kept);
  if ('missing' in resolved) return refuseReference(c, resolved.missing);
  const continued = { request: { ...request, input: resolved.input }, earlier: earlier ?? [] };
  return refuseTooLong(c, continued) ?? continued;
}
