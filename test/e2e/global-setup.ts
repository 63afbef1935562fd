import type { TestProject } from 'vitest/node';
import { ACME, governAcme } from '../support/catalog.ts';
import { registerSomebody } from '../support/demo.ts';
import { hostFetch } from '../support/host-fetch.ts';
import { shareStack } from '../support/shared-stack.ts';
import type { TestStack } from '../support/stack.ts';

/** An execution begun with the stack: its user, its address and its request body. */
type Begun = { email: string; location: string; sent: string };

declare module 'vitest' {
  export interface ProvidedContext {
    /** A background execution that no provider answers. */
    unanswered: Begun;
    /** A streamed execution whose provider falls silent in the middle, while its user keeps listening. */
    fallenSilent: Begun;
    /** The same, but its user disconnects. */
    leftInTheMiddle: Begun;
    /** An execution with an Idempotency-Key in the form of OpenAI's SDK, whose user disconnects before the provider begins. */
    leftUnheard: Begun;
  }
}

type Acme = Awaited<ReturnType<typeof governAcme>>;

/** Begins a background execution that fails after two minutes. It is over when unanswered.test.ts reads it. */
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
  /** Time until the user disconnects. Absent: the user listens to the end. */
  patience_ms?: number;
};

/** Begins a stream on providers with these faults. It also ends when the stack is stopped. */
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
/** A request in the form of OpenAI's SDK, with enough output that a provider has a minute to begin. */
const asOpenAi = {
  path: '/v1/chat/completions',
  body: { messages: [{ role: 'user', content: 'Hello?' }], max_completion_tokens: 2_000 },
  headers: { 'idempotency-key': 'left' },
};
/** Time until the user disconnects: after the headers of the answer, and before the end of the execution. */
const PATIENCE_MS = 20_000;

/** Starts the stack of the end-to-end tests, and begins the executions that take long. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stack = await shareStack(project);
  const acme = await governAcme(stack);
  project.provide('unanswered', await beginUnanswered(stack, acme));
  const inTheMiddle = [{ mode: 'hang_mid_stream' }] as Parameters<Acme['addFailing']>;
  const fromTheStart = [{ mode: 'hang', settings: { first_byte_timeout_ms: 120_000 } }] as Parameters<
    Acme['addFailing']
  >;
  const leaving = { patience_ms: PATIENCE_MS };
  const [fallenSilent, leftInTheMiddle, leftUnheard] = await Promise.all([
    beginStream(stack, inTheMiddle, own),
    beginStream(stack, inTheMiddle, { ...own, ...leaving }),
    beginStream(stack, fromTheStart, { ...asOpenAi, ...leaving }),
  ]);
  project.provide('fallenSilent', fallenSilent);
  project.provide('leftInTheMiddle', leftInTheMiddle);
  project.provide('leftUnheard', leftUnheard);
  return async () => {
    await stack.stop();
  };
}
