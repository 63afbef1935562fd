import { describe, expect, it } from 'vitest';
import { proofIn, readDnsAnswer, routingIn } from '../../../worker/domains/dns-answer.ts';

const TARGET = 'domains.vanilla-edge.net';
type Data = [type: number, data: string];
const answer = (...records: Data[]) =>
  readDnsAnswer({ Status: 0, Answer: records.map(([type, data]) => ({ name: 'x.', type, data, TTL: 60 })) });
const target = answer([1, '192.0.2.10']);

describe('the proof', () => {
  it.each([
    ['"vanilla-verify=abc"', 'found'],
    ['vanilla-verify=abc', 'found'],
    ['"vanilla-" "verify=abc"', 'found'],
    ['"vanilla-verify=ab\\c"', 'found'],
    ['"vanilla-verify=abcd"', 'missing'],
    ['"prefix vanilla-verify=abc"', 'missing'],
  ])('is looked for in the data %s: %s', (data, found) => {
    expect(proofIn(answer([16, '"spf"'], [16, data]), 'vanilla-verify=abc')).toBe(found);
  });

  it('is missing where there is no such name, and unknown where no server says so', () => {
    expect(proofIn(readDnsAnswer({ Status: 3 }), 'x')).toBe('missing');
    for (const body of [{ Status: 2 }, { Status: 5 }, {}, null, 'text', { Status: 0, Answer: 'none' }])
      expect(proofIn(readDnsAnswer(body), 'x')).toBe('unknown');
  });
});

describe('the routing', () => {
  it.each<[string, Data[], string]>([
    [
      'a CNAME to the target',
      [
        [5, `${TARGET}.`],
        [1, '192.0.2.99'],
      ],
      'here',
    ],
    ['a CNAME to the target in capitals', [[5, TARGET.toUpperCase()]], 'here'],
    [
      'a CNAME by way of another',
      [
        [5, 'alias.acme.com.'],
        [5, `${TARGET}.`],
      ],
      'here',
    ],
    ['the target’s address, as an ALIAS has', [[1, '192.0.2.10']], 'here'],
    [
      'a CNAME to another service',
      [
        [5, 'shop.example.'],
        [1, '192.0.2.99'],
      ],
      'elsewhere',
    ],
    ['addresses of its own', [[1, '192.0.2.99']], 'unclear'],
    ['nothing', [], 'nowhere'],
  ])('of %s is %s', (_, records, routing) => {
    expect(routingIn(answer(...records), TARGET, target)).toBe(routing);
  });

  it('is unknown without an answer, and does not need the target’s for a CNAME', () => {
    const unknown = readDnsAnswer({ Status: 2 });
    expect(routingIn(unknown, TARGET, target)).toBe('unknown');
    expect(routingIn(answer([5, TARGET]), TARGET, unknown)).toBe('here');
    expect(routingIn(answer([1, '192.0.2.10']), TARGET, unknown)).toBe('unclear');
  });
});
