import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../../web/src/lib/api-client.ts';
import { refusalOf } from '../../../../web/src/lib/form-errors.ts';

const fields = ['name', 'base_url', 'scopes'] as const;
const refused = (details: Record<string, unknown>) =>
  new ApiError('invalid_request', 'The request is not valid.', null, details);

describe('A refusal of a form', () => {
  it('is said at the fields it names, as a sentence, and nowhere else', () => {
    const issues = [
      { field: 'base_url', rule: 'not_allowed', message: 'must begin with https://' },
      { field: 'scopes.1', rule: 'x', message: 'no such scope' },
    ];
    expect(refusalOf(refused({ in: 'json', issues }), fields)).toEqual({
      errors: { base_url: 'Must begin with https://', scopes: 'No such scope' },
      rest: null,
    });
    const taken = new ApiError('name_taken', 'Choose another name.', null, { field: 'name' });
    expect(refusalOf(taken, fields)).toEqual({ errors: { name: 'Choose another name.' }, rest: null });
  });

  it('is shown whole when it names nothing, or something the form does not have', () => {
    for (const details of [{}, { field: 'prompt' }, { issues: 'none' }, { issues: [null, { field: 3 }] }]) {
      const error = refused(details);
      expect(refusalOf(error, fields)).toEqual({ errors: {}, rest: error });
    }
  });

  it('is nothing while nothing was refused', () => {
    expect(refusalOf(null, fields)).toEqual({ errors: {}, rest: null });
  });
});
