import { describe, expect, it } from 'vitest';
import { operationOf, reference } from './small-document.ts';

describe('The reference', () => {
  it('groups operations by tag, as the document orders them, then what it does not name; empty groups are left out', () => {
    expect(
      reference.sections.map(({ slug, title, operations }) => [slug, title, operations.map(({ id }) => id)]),
    ).toEqual([
      ['things', 'Things', ['get-things', 'post-things', 'patch-things-id', 'delete-things-id']],
      ['other', 'Other', ['get-state']],
      ['late', 'Late', ['get-things-live']],
    ]);
    expect(reference.sections[0]?.description).toBe('What there is.');
  });

  it('titles an operation by its first clause, and one without a word by its address', () => {
    expect(operationOf('post-things')).toMatchObject({ title: 'Makes a thing', text: ['It is yours.'] });
    expect(operationOf('get-state').title).toBe('GET /state');
  });

  it('says who may call, by which scheme and scope, keys first; nothing where everybody may', () => {
    const access = ({ access }: ReturnType<typeof operationOf>) =>
      access.map(({ name, scopes }) => [name, scopes]);
    expect(access(operationOf('post-things'))).toEqual([
      ['api_key', ['things:write']],
      ['session', []],
    ]);
    expect(access(operationOf('get-state'))).toEqual([]);
    expect(reference.schemes.map(({ name }) => name)).toEqual(['api_key', 'session']);
  });

  it('shows a request by its own example, or by the smallest that changes something', () => {
    expect(operationOf('post-things').example).toEqual({ name: "It's one", model: 'auto' });
    expect(operationOf('patch-things-id').example).toEqual({ name: 'string' });
    expect(operationOf('get-things').example).toBeUndefined();
  });

  it('keeps parameters with their place, and answers with their status', () => {
    expect(
      operationOf('get-things').parameters.map(({ name, in: place, isRequired }) => [
        name,
        place,
        isRequired,
      ]),
    ).toEqual([
      ['of', 'query', true],
      ['limit', 'query', false],
    ]);
    expect(
      operationOf('post-things').answers.map(({ status, description, bodies }) => [
        status,
        description,
        bodies.length,
      ]),
    ).toEqual([
      ['200', 'Done', 0],
      ['201', 'Made', 1],
    ]);
  });

  it('tells of an error which codes it may have, with what to do', () => {
    const answers = operationOf('get-things').answers;
    expect(answers.map(({ bodies }) => bodies.length)).toEqual([0, 1]);
    expect(answers.map(({ status, codes }) => [status, codes.map(({ message }) => message)])).toEqual([
      ['200', []],
      ['4XX', ['Choose another.', 'Look at it again.']],
    ]);
  });

  it('groups error codes by status, in order', () => {
    expect(reference.errors.map(({ status, codes }) => [status, codes.map(({ code }) => code)])).toEqual([
      [400, ['invalid']],
      [404, ['not_found', 'unknown']],
    ]);
  });
});
