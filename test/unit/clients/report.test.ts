import { expect, it } from 'vitest';
import { withTable } from '../../../clients/report.ts';

const marked = (command: string, results: string) =>
  `<!-- results of ${command} -->\n\n${results}\n\n<!-- end of the results -->\n`;
const document = (results: string, others = '') =>
  `# Clients\n\n${marked('one', results)}\nText\n\n${marked('two', others)}`;

const head = ['Client', 'Works'];

it('lines of clients that ran are written anew, those of others stay, and new ones are added', () => {
  const before = ['| Client | Works |', '| --- | --- |', '| A SDK | 1 of 2; not: text |', '| B | 2 of 2 |'];
  const table = {
    head,
    lines: [
      ['A SDK', '2 of 2'],
      ['C', '1 of 1'],
    ],
  };
  const after = [before[0], before[1], '| A SDK | 2 of 2 |', '| B | 2 of 2 |', '| C | 1 of 1 |'];
  expect(withTable(document(before.join('\n')), 'one', table)).toBe(document(after.join('\n')));
});

it('each command has a table of its own, which may be empty', () => {
  const table = { head, lines: [['D', '1 of 1']] };
  const after = ['| Client | Works |', '| --- | --- |', '| D | 1 of 1 |'].join('\n');
  expect(withTable(document('| A | 1 |'), 'two', table)).toBe(document('| A | 1 |', after));
  expect(() => withTable(document(''), 'three', table)).toThrow('lacks the marks');
});
