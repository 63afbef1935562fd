import type { TestProject } from 'vitest/node';
import { ACME, governAcme } from '../support/catalog.ts';
import { registerSomebody } from '../support/demo.ts';
import { hostFetch } from '../support/host-fetch.ts';
import { shareStack } from '../support/shared-stack.ts';
import type { TestStack } from '../support/stack.ts';

/** An execution that was begun with the stack, whose it is, and the body that began it. */
type Begun = { email: string; location: string; sent: string };

declare module 'vitest' {
  export interface ProvidedContext {
    /** An execution in the background that no provider ever answers. */
    unanswered: Begun;
    /** A streamed execution whose provider falls silent in the middle, while its user listens on. */
    fallenSilent: Begun;
    /** The same, but its user leaves. */
    leftInTheMiddle: Begun;
    /** One that OpenAI's SDK began with an Idempotency-Key, whose user leaves while its provider has not begun. */
    leftUnheard: Begun;
  }
}

type Acme = Awaited<ReturnType<typeof governAcme>>;

/** Giving up takes two minutes: begun with the stack, it is over when it is looked at (unanswered.test.ts). */
async function beginUnanswered(stack: TestStack, acme: Acme): Promise<Begun> {
  const model = await acme.addFailing({ mode: 'server_error' }, { kind: 'google', mode: 'overloaded' });
  const user = await registerSomebody(stack.port, ACME);
  const body = { model, prompt: 'Hello?', background: true };
  const { headers } = await user.post('/api/ai/executions', body);
  return { email: user.email, location: headers.location ?? '', sent: JSON.stringify(body) };
}

type Asked = {
  path: string;
  body: Record<string, unknown>;
  headers?: Record<string, string>;
  /** How long its user listens; to the end when absent. */
  patience_ms?: number;
};

/** A stream on providers that fail so. When the stack is stopped before its end, that is its end. */
async function beginStream(
  stack: TestStack,
  modes: Parameters<Acme['addFailing']>,
  { path, body, headers, patience_ms }: Asked,
): Promise<Begun> {
  const model = await (await governAcme(stack)).addFailing(...modes);
  const { email, token } = await registerSomebody(stack.port, ACME);
  const sent = JSON.stringify({ ...body, model, stream: true });
  const response = await hostFetch(`http://${ACME}:${stack.port}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    body: sent,
    ...(patience_ms === undefined ? {} : { signal: AbortSignal.timeout(patience_ms) }),
  });
  response.text().catch(() => undefined);
  return { email, location: `/api/ai/executions/${response.headers.get('x-execution-id')}`, sent };
}

const own = { path: '/api/ai/executions', body: { prompt: 'Hello?' } };
/** As OpenAI's SDK asks, with a key of its own, and for so much output that a provider has a minute to begin. */
const asOpenAi = {
  path: '/v1/chat/completions',
  body: { messages: [{ role: 'user', content: 'Hello?' }], max_completion_tokens: 2_000 },
  headers: { 'idempotency-key': 'left' },
};
/** Its user leaves before it is over. */
const PATIENCE_MS = 5_000;

/** The stack that programs use over HTTP, and what takes long on it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stack = await shareStack(project);
  const acme = await governAcme(stack);
  project.provide('unanswered', await beginUnanswered(stack, acme));
  const inTheMiddle = [{ mode: 'hang_mid_stream' }] as Parameters<Acme['addFailing']>;
  const fromTheStart = [{ mode: 'hang' }] as Parameters<Acme['addFailing']>;
  const leaving = { patience_ms: PATIENCE_MS };
  project.provide('fallenSilent', await beginStream(stack, inTheMiddle, own));
  project.provide('leftInTheMiddle', await beginStream(stack, inTheMiddle, { ...own, ...leaving }));
  project.provide('leftUnheard', await beginStream(stack, fromTheStart, { ...asOpenAi, ...leaving }));
  return async () => {
    await stack.stop();
  };
}
