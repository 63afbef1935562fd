import { EventSourceParserStream } from 'eventsource-parser/stream';
import { type ClientResponse, hc } from 'hono/client';
import type { ErrorCode, ErrorResponse } from '../../../contracts/errors.ts';
import type { AppType } from '../../../worker/http/app.ts';
import { readActingToken, removeActingToken } from './acting-token.ts';
import { errorOfBody } from './error-body.ts';

/** The key of the session token in localStorage. */
export const TOKEN_KEY = 'session-token';

/** Returns the session token of this tab: of a superadmin inside the tenant, or of its user. */
export const readToken = (): string | null => readActingToken() ?? localStorage.getItem(TOKEN_KEY);

/** Replaces the session token; null removes it. The end of a session inside the tenant leaves that of its user. */
export function writeToken(token: string | null): void {
  const isActing = readActingToken() !== null;
  removeActingToken();
  if (token !== null) localStorage.setItem(TOKEN_KEY, token);
  else if (!isActing) localStorage.removeItem(TOKEN_KEY);
}

/** A failed request, with a message to show. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ErrorCode | 'unreachable';
  readonly requestId: string | null;
  readonly details: Record<string, unknown>;
  readonly retryAfterS: number | null;
  /** The HTTP status, or null without an answer. */
  readonly status: number | null;

  constructor(
    code: ErrorCode | 'unreachable',
    message: string,
    requestId: string | null,
    details: Record<string, unknown> = {},
    retryAfterS: number | null = null,
    status: number | null = null,
  ) {
    super(message);
    this.code = code;
    this.requestId = requestId;
    this.details = details;
    this.retryAfterS = retryAfterS;
    this.status = status;
  }
}

/** Error codes that end the session. */
const sessionOver = new Set<ErrorCode>([
  'unauthenticated',
  'token_expired',
  'session_revoked',
  'wrong_tenant',
  'user_disabled',
]);

let onSessionOver: (error: ApiError) => void = () => undefined;

/** Sets the only listener for the end of the session, which is in AuthContext. */
export function listenForSessionOver(listener: (error: ApiError) => void): void {
  onSessionOver = listener;
}

/** Error codes that tell of rights which have changed since the page was loaded. */
const rightsChanged = new Set<ErrorCode>(['forbidden', 'feature_not_in_level']);

let onRightsChanged: () => void = () => undefined;

/** Sets the only listener for refused rights, which is in AuthContext. */
export function listenForChangedRights(listener: () => void): void {
  onRightsChanged = listener;
}

/** Ends the session as a refused request does, for an end that the server reported in another way. */
export function endSession(code: 'session_revoked' | 'user_disabled', message: string): void {
  onSessionOver(new ApiError(code, message, null));
}

let onConfirmationRequired: () => Promise<boolean> = () => Promise.resolve(false);

/** Sets the only dialog that asks people again who they are. It resolves to true once they have confirmed it. */
export function listenForConfirmation(listener: () => Promise<boolean>): void {
  onConfirmationRequired = listener;
}

/** Sends a request, and once more after its user has confirmed who they are, where the API asks for that. */
async function fetchConfirmed(...request: Parameters<typeof fetch>): Promise<Response> {
  const response = await fetch(...request);
  if (response.status !== 403) return response;
  const body = await response
    .clone()
    .json()
    .catch(() => null);
  if (errorOfBody(body)?.code !== 'confirmation_required') return response;
  return (await onConfirmationRequired()) ? fetch(...request) : response;
}

/** The API, typed from the Worker's own routes. */
export const api = hc<AppType>('/', {
  fetch: fetchConfirmed,
  headers: (): Record<string, string> => {
    const token = readToken();
    return token === null ? {} : { authorization: `Bearer ${token}` };
  },
}).api;

async function toError(response: Response): Promise<ApiError> {
  const { status, headers } = response;
  const error = errorOfBody(await response.json().catch(() => null));
  const retryAfter = Number(headers.get('retry-after'));
  const retryAfterS = retryAfter > 0 ? retryAfter : null;
  if (error === null) {
    const message = `The server answered ${status}. Try again shortly.`;
    return new ApiError('internal', message, headers.get('x-request-id'), {}, retryAfterS, status);
  }
  const { code, message, details, request_id } = error;
  return new ApiError(code, message, request_id, details, retryAfterS, status);
}

/** The body of a successful answer: what the route declares for 200, 201 and 202. */
type SuccessBody<Answer> =
  Answer extends ClientResponse<infer Body, infer Status, 'json'>
    ? Status extends 200 | 201 | 202
      ? // A route that can stream has a Response here, which this client never requests.
        Exclude<Body, Response>
      : never
    : never;

/** Waits for a request and returns its successful response. Throws an {@link ApiError} otherwise. */
async function succeed<Answer extends ClientResponse<unknown>>(call: Promise<Answer>): Promise<Answer> {
  const response = await call.catch(() => {
    throw new ApiError(
      'unreachable',
      'The server cannot be reached. Check your connection and try again.',
      null,
    );
  });
  if (!response.ok) {
    const error = await toError(response as unknown as Response);
    if (error.code !== 'unreachable' && sessionOver.has(error.code) && readToken() !== null)
      onSessionOver(error);
    if (error.code !== 'unreachable' && rightsChanged.has(error.code)) onRightsChanged();
    throw error;
  }
  return response;
}

/** Returns the body of a successful request. Throws an {@link ApiError} otherwise. */
export async function ask<Answer extends ClientResponse<unknown>>(
  call: Promise<Answer>,
): Promise<SuccessBody<Answer>> {
  const response = await succeed(call);
  const hasBody = response.headers.has('content-type');
  return (hasBody ? await response.json() : undefined) as SuccessBody<Answer>;
}

/** The error in the last event of a stream, as an {@link ApiError}. */
export const errorOfEvent = ({ code, message, details, request_id }: ErrorResponse['error']): ApiError =>
  new ApiError(code, message, request_id, details);

/** Yields the events of a stream as parsed JSON. `onBegin` gets the response before them. Throws an {@link ApiError} when the request fails or the connection breaks. */
export async function* askEvents(
  call: Promise<ClientResponse<unknown>>,
  onBegin: (response: { headers: Headers }) => void = () => undefined,
): AsyncGenerator<unknown> {
  const response = await succeed(call);
  onBegin(response);
  if (response.body === null) return;
  const events = response.body
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .pipeThrough(new EventSourceParserStream())
    .getReader();
  try {
    for (;;) {
      const { done, value } = await events.read().catch((cause) => {
        if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
        throw new ApiError('unreachable', 'The connection was lost during the answer.', null);
      });
      if (done) return;
      yield JSON.parse(value.data);
    }
  } finally {
    await events.cancel().catch(() => undefined);
  }
}

/** Returns the file of a successful request. Throws an {@link ApiError} when the request fails or the connection breaks. */
export async function askFile(call: Promise<ClientResponse<unknown>>): Promise<Blob> {
  const response = await succeed(call);
  return response.blob().catch(() => {
    throw new ApiError('unreachable', 'The download was interrupted. Try again.', null);
  });
}
