import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { curlOf, variablesIn } from '../../../../web/src/features/api-reference/curl.ts';
import { curlArguments } from '../../../support/shell.ts';
import { operationOf } from './small-document.ts';

const origin = 'https://ai.acme.com';

describe('A request for the shell', () => {
  it('prefers a key to a session, and leaves to the reader what only they know', () => {
    const command = curlOf(operationOf('post-things'), { origin });
    expect(command).toBe(`curl "https://ai.acme.com/things" \\
  -H "x-api-key: $API_KEY" \\
  -H "idempotency-key: $IDEMPOTENCY_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{
  "name": "It'\\''s one",
  "model": "auto"
}'`);
    expect(variablesIn(command ?? '')).toEqual(['API_KEY', 'IDEMPOTENCY_KEY']);
  });

  it.each([
    ['get-state', 'curl "https://ai.acme.com/state"'],
    ['get-things', 'curl "https://ai.acme.com/things?of=$OF" \\\n  -H "Authorization: Bearer $SESSION"'],
    ['delete-things-id', 'curl -X DELETE "https://ai.acme.com/things/$ID"'],
  ])('says the method where curl would choose another: %s', (id, command) => {
    expect(curlOf(operationOf(id), { origin })).toBe(command);
  });

  it('names a model that the reader may call', () => {
    expect(curlOf(operationOf('post-things'), { origin, model: 'gpt-5' })).toContain('"model": "gpt-5"');
    expect(curlOf(operationOf('patch-things-id'), { origin, model: 'gpt-5' })).not.toContain('gpt-5');
  });

  it('names the fields of a form, which the reader supplies', () => {
    const operation = operationOf('post-things');
    const body = {
      ...(operation.body as NonNullable<typeof operation.body>),
      mediaType: 'multipart/form-data',
    };
    const command = curlOf({ ...operation, body, example: { prompt: 'a', image: '@a.png' } }, { origin });
    expect(command).toContain('-F "prompt=$PROMPT"');
    expect(command).toContain('-F "image=@$IMAGE"');
    expect(command).not.toContain('Content-Type');
  });

  it('is none for a WebSocket', () => {
    expect(curlOf(operationOf('get-things-live'), { origin })).toBeNull();
  });

  it('comes out of a real shell as it was meant, whatever is in it', () => {
    const operation = operationOf('post-things');
    const nasty = fc.string({
      unit: fc.constantFrom('a', "'", '"', '$', '`', '\\', '\n', ' ', '!', '{', 'é'),
    });
    fc.assert(
      fc.property(nasty, nasty, (name, path) => {
        const command = curlOf(
          { ...operation, path: `/${path.replace(/[{}]/g, '')}`, example: { name } },
          { origin },
        );
        const [address, ...rest] = curlArguments(command ?? '', { API_KEY: 'k$1', IDEMPOTENCY_KEY: '"' });
        expect(address).toBe(`${origin}/${path.replace(/[{}]/g, '')}`);
        expect(rest.slice(0, 4)).toEqual(['-H', 'x-api-key: k$1', '-H', 'idempotency-key: "']);
        expect(JSON.parse(rest.at(-1) ?? '')).toEqual({ name });
      }),
      { numRuns: 60 },
    );
  });
});
