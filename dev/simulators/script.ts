/** The script of a provider: data, so that a case can be kept in a file and sent to the server as JSON. */

/** Text or bytes that are sent at once, or a pause in milliseconds. */
export type Piece = string | number | { base64: string };

/** The requests that an answer is for. All that is said must hold. Paths have dots: `messages.0.role`. */
export type Condition = {
  /** True for requests for a stream. */
  stream?: boolean;
  /** Paths that the body must have with another value than null. */
  present?: string[];
  /** Paths that the body must not have, or only as null. */
  absent?: string[];
  /** Text that the body's JSON must contain. */
  contains?: string;
  /** End of the URL's path. */
  path?: string;
};

export type ScriptedAnswer = {
  when?: Condition;
  /** The number of requests it is for. Default: all. */
  times?: number;
  /** Default: 200. */
  status?: number;
  /** Default: a content type of JSON for `body`, of an event stream for `chunks`. */
  headers?: Record<string, string>;
  /** Wait before the status. */
  delay_ms?: number;
  /** A whole answer: text as it is, anything else as JSON. */
  body?: unknown;
  /** A streamed answer. */
  chunks?: Piece[];
  /** Compresses the stream. */
  gzip?: boolean;
  /** Sends each byte of the stream by itself. */
  bytewise?: boolean;
  /** After the last chunk: `close` (default) ends the answer, `cut` breaks the connection, `never` leaves it open. */
  end?: 'close' | 'cut' | 'never';
};

/** The first answer that applies is given. A request without one gets 404. */
export type Script = {
  answers: ScriptedAnswer[];
  /** The only paths that exist, after the script's prefix. Default: all. */
  only_paths?: string[];
};

export type ScriptedRequest = { path: string; body: unknown };

/** Returns the value at a path with dots; undefined if there is none. */
export function valueAt(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (at, name) =>
        typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[name] : undefined,
      value,
    );
}

const asksForStream = ({ path, body }: ScriptedRequest): boolean =>
  valueAt(body, 'stream') === true || path.endsWith(':streamGenerateContent');

/** Tells if a request is one that an answer is for. */
export function applies(condition: Condition, request: ScriptedRequest): boolean {
  const has = (path: string) => (valueAt(request.body, path) ?? null) !== null;
  return (
    (condition.stream === undefined || condition.stream === asksForStream(request)) &&
    (condition.path === undefined || request.path.endsWith(condition.path)) &&
    (condition.contains === undefined || JSON.stringify(request.body).includes(condition.contains)) &&
    (condition.present ?? []).every(has) &&
    !(condition.absent ?? []).some(has)
  );
}

/** Chooses the answer to a request. `given` counts the requests each answer was for so far, and is updated. */
export function chooseAnswer(
  { answers }: Script,
  request: ScriptedRequest,
  given: Map<ScriptedAnswer, number>,
): ScriptedAnswer | null {
  const chosen = answers.find(
    (answer) => (given.get(answer) ?? 0) < (answer.times ?? Infinity) && applies(answer.when ?? {}, request),
  );
  if (chosen === undefined) return null;
  given.set(chosen, (given.get(chosen) ?? 0) + 1);
  return chosen;
}
