import { describe, expect, it } from 'vitest';
import { searchSections } from '../../../../web/src/features/api-reference/search.ts';
import { reference } from './small-document.ts';

const found = (query: string) =>
  searchSections(reference.sections, query).flatMap(({ operations }) => operations.map(({ id }) => id));

describe('A search', () => {
  it.each([
    [
      'finds everything by nothing',
      '  ',
      ['get-things', 'post-things', 'patch-things-id', 'delete-things-id', 'get-state', 'get-things-live'],
    ],
    ['finds by a path', '/things/{id}', ['patch-things-id', 'delete-things-id']],
    ['finds by a method, in capitals or not', 'GET', ['get-things', 'get-state', 'get-things-live']],
    ['finds by words anywhere, all of them', 'yours thing', ['post-things']],
    ['finds by the group', 'late', ['get-things-live']],
    ['finds nothing by what is nowhere', 'thing zebra', []],
  ])('%s', (_name, query, ids) => {
    expect(found(query)).toEqual(ids);
  });

  it('leaves out groups without a match', () => {
    expect(searchSections(reference.sections, 'removes').map(({ slug }) => slug)).toEqual(['things']);
  });
});
