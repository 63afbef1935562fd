/** Levels in ascending order of urgency. */
const levels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof levels)[number];

export type LogFields = Record<string, unknown>;
export type Log = Record<LogLevel, (event: string, fields?: LogFields) => void>;

const REDACTED = '[redacted]';
const secretName = /authorization|cookie|password|pepper|secret|token$|api[-_]?key|ciphertext|database_url/i;
/** Things that are secret wherever they stand: JWTs, provider keys, bcrypt hashes, passwords in connection strings. */
const secretValue =
  /eyJ[\w-]{8,}\.[\w-]+\.[\w-]+|\b(?:sk|vs|gsk|xai|hf|pplx|AIza|ya29|AQ)[-_.]?[\w-]{16,}|\$2[aby]\$\d\d\$[./\w]{53}|(?<=:\/\/[^\s:/@]+:)[^\s@]+(?=@)/g;

/** A failed query's text ends in its parameters, which may be anybody's email, hash or lines; only a stack comes after them. */
const queryParameters = /\nparams: [\s\S]*?(?=\n\s+at |$)/g;

/** Redacted before it is cut: half a secret would no longer look like one. */
const redactText = (text: string): string =>
  text.replace(queryParameters, `\nparams: ${REDACTED}`).replace(secretValue, REDACTED).slice(0, 2_000);

/** A copy of `value` that is safe to write down: secrets by name or by shape are replaced, depth and length bounded. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (value === null || typeof value !== 'object') return value;
  if (depth >= 5) return '[deep]';
  if (value instanceof Error) {
    return {
      name: value.name,
      message: redact(value.message),
      stack: redact(value.stack ?? ''),
      cause: redact(value.cause, depth + 1),
    };
  }
  if (Array.isArray(value)) return value.slice(0, 50).map((item) => redact(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      secretName.test(name) ? REDACTED : redact(field, depth + 1),
    ]),
  );
}

/** A logger of structured lines, one JSON object each, that drops what is below `level` and redacts the rest. */
export function createLog(level: LogLevel, base: LogFields): Log {
  const write = (lineLevel: LogLevel) => (event: string, fields?: LogFields) => {
    if (levels.indexOf(lineLevel) < levels.indexOf(level)) return;
    const line = JSON.stringify({ level: lineLevel, event, ...base, ...(redact(fields ?? {}) as LogFields) });
    console[lineLevel === 'debug' ? 'log' : lineLevel](line);
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
