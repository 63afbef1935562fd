import { execFileSync } from 'node:child_process';

/** Returns the arguments that a real shell passes to curl, with quotes, variables and line continuations resolved. */
export function curlArguments(command: string, variables: Record<string, string> = {}): string[] {
  const script = `curl() { printf '%s\\0' "$@"; }\n${command}`;
  const env = { ...process.env, ...variables };
  return execFileSync('sh', ['-c', script], { env, encoding: 'utf8' }).split('\0').slice(0, -1);
}
