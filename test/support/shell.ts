import { execFileSync } from 'node:child_process';

/** What a real shell hands to curl, for one command: its quotes, variables and line ends as they are meant. */
export function curlArguments(command: string, variables: Record<string, string> = {}): string[] {
  const script = `curl() { printf '%s\\0' "$@"; }\n${command}`;
  const env = { ...process.env, ...variables };
  return execFileSync('sh', ['-c', script], { env, encoding: 'utf8' }).split('\0').slice(0, -1);
}
