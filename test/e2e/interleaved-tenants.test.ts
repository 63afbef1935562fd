import { describe, expect, inject, it } from 'vitest';
import { answerOf, foreignIn, interleaveTenants, questionOf } from '../support/interleave.ts';
import { Random } from '../support/random.ts';
import { surfaces } from '../support/surfaces.ts';

const stack = inject('stack');
/** Printed, so that a failure can be reproduced: CHAOS_SEED=... repeats a run. */
const SEED = Number(process.env.CHAOS_SEED ?? Date.now() % 2 ** 31);
const CALLS = 400;

it(`two tenants interleaved ${CALLS} times receive only their own answers, and a client that leaves in the middle is charged once`, async () => {
  console.log(`interleaved: seed ${SEED}`);
  const { left, cancelled, foreign, took_ms } = await interleaveTenants(stack, new Random(SEED), CALLS);
  console.log(
    `interleaved: ${CALLS} calls in ${Math.round(took_ms)} ms, ${left} left, ${cancelled} estimated`,
  );
  expect(foreign).toEqual([]);
  expect(left, 'some did leave').toBeGreaterThan(CALLS / 30);
});

describe('foreign content', () => {
  const [own] = surfaces;
  if (own === undefined) throw new Error('There is a surface');
  const question = questionOf('acme', 'gpt-5.4-mini');
  const other = questionOf('globex', 'gpt-5.4-mini');
  const stream = (...texts: string[]) =>
    texts.map((text) => `data: ${JSON.stringify({ type: 'text', text })}\n\n`).join('');
  const foreign = (body: string, headers = '[]') =>
    foreignIn({ headers, body }, question, own.wordsOf, ['somebody-else']);

  it('is not found in the answer or a prefix of it, whole or in pieces', () => {
    const answer = answerOf(question);
    expect(foreign(stream(answer))).toEqual([]);
    expect(foreign(stream(answer.slice(0, 30), answer.slice(30, 90)))).toEqual([]);
    expect(foreign(JSON.stringify({ output_text: answer }))).toEqual([]);
    expect(foreign('')).toEqual([]);
  });

  it('is found in a single wrong byte, another’s answer, a mark in a header, a name', () => {
    const answer = answerOf(question);
    expect(foreign(stream(answer, '.'))).toHaveLength(1);
    expect(foreign(stream(answer.slice(0, 30), answer.slice(31)))).toHaveLength(1);
    expect(foreign(stream(answerOf(other)))).toHaveLength(2);
    expect(foreign(stream(answer), JSON.stringify([['x-cached', other.mark]]))).toEqual([other.mark]);
    expect(foreign(JSON.stringify({ output_text: answer, user_id: 'somebody-else' }))).toHaveLength(1);
  });
});
