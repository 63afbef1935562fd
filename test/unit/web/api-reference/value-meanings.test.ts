import { describe, expect, it } from 'vitest';
import { explained } from '../../../../web/src/features/api-reference/value-meanings.ts';

const values = ['"hard"', '"warn"'];

describe('A description', () => {
  it('that explains every value is taken apart', () => {
    expect(
      explained('What happens: `hard`: it is refused; `warn`: it passes, `hard` or not', values),
    ).toEqual({
      description: 'What happens',
      meanings: [
        { value: '"hard"', text: 'It is refused' },
        { value: '"warn"', text: 'It passes, `hard` or not' },
      ],
    });
  });

  it('may begin with the first value, and say what it means without a colon', () => {
    expect(explained('`warn` lets it pass; `hard`: it is refused', values)).toEqual({
      description: null,
      meanings: [
        { value: '"warn"', text: 'Lets it pass' },
        { value: '"hard"', text: 'It is refused' },
      ],
    });
  });

  it.each([
    ['says nothing of a value', '`hard`: it is refused'],
    ['explains a value that there is not', '`hard`: it is refused; `soft`: it passes'],
    ['explains one twice', '`hard`: it is refused; `hard`: it is'],
    ['explains two at once', '`hard`: it is refused; `warn` and `monitor` let it pass'],
    ['has a clause about something else', '`hard`: it is refused; `warn`: it passes; null is neither'],
    ['only mentions them', 'As `hard` or `warn` say'],
    ['is about something else', 'The mode'],
  ])('stays as it is when it %s', (_name, description) => {
    expect(explained(description, values)).toEqual({ description, meanings: [] });
  });

  it('stays as it is where there is no choice', () => {
    expect(explained('`text`: text', ['"text"'])).toEqual({ description: '`text`: text', meanings: [] });
    expect(explained(null, values)).toEqual({ description: null, meanings: [] });
  });
});
