import { expect, it } from 'vitest';
import { readModel } from '../../../bench/models.ts';
import { replaceResults } from '../../../bench/report/markdown.ts';
import { judge } from '../../../bench/report/targets.ts';
import { type Contender, measureRow } from '../../../bench/row.ts';
import { quantile, spreadOf } from '../../../bench/statistics.ts';

const contender = (name: string, side: 'us' | 'peer', values: number[], log: string[] = []): Contender => ({
  ...{ name, side },
  async measure() {
    log.push(name);
    return { per_second: values.shift() ?? Number.NaN };
  },
});

const row = (contenders: Contender[]) => ({
  ...{ name: 'connections-32', title: 'A row', contenders },
  figures: [{ name: 'per_second', label: 'requests', unit: '/s', better: 'more' as const }],
});

it('contenders take turns, and a ratio is of one round', async () => {
  const log: string[] = [];
  const us = contender('us, one wallet', 'us', [0, 10, 30, 20], log);
  const peer = contender('Portkey', 'peer', [0, 10, 10, 40], log);
  const result = await measureRow(row([us, peer]), { rounds: 3, seconds: 1 }, () => undefined);
  expect(log).toEqual(Array.from({ length: 4 }, () => ['us, one wallet', 'Portkey']).flat());
  const [figure] = result.figures;
  expect(figure?.values['us, one wallet']).toEqual({ median: 20, min: 10, max: 30 });
  expect(figure?.ratios).toEqual([{ us: 'us, one wallet', peer: 'Portkey', median: 1, min: 0.5, max: 3 }]);
});

it('a target is judged by the median of the ratios', async () => {
  const slow = row([contender('us, one wallet', 'us', [0, 9]), contender('Portkey', 'peer', [0, 10])]);
  const [verdict] = judge([await measureRow(slow, { rounds: 1, seconds: 1 }, () => undefined)]);
  expect(verdict).toMatchObject({ bound: 'at least 1', measured: { median: 0.9 }, holds: false });
});

it('the median of an even number of values lies between the middle two', () => {
  expect(spreadOf([4, 1, 2, 10])).toEqual({ median: 3, min: 1, max: 10 });
  expect(quantile([1, 2, 3, 4, 100], 0.5)).toBe(3);
});

it('results replace those of an earlier run and nothing else', () => {
  const document = 'Before\n<!-- results of npm run bench -->\n\nold\n\n<!-- end of the results -->\nAfter';
  const changed = replaceResults(document, 'new', 'npm run bench');
  expect(changed).toBe(document.replace('old', 'new'));
  expect(() => replaceResults('No marks', 'new', 'npm run bench')).toThrow('lacks the marks');
});

it('the upstream reads from a model how to stream, with and without the name of a provider before it', () => {
  expect(readModel('{"model":"bench-100-20","stream":true}')).toEqual({ frames: 100, pause_ms: 20 });
  expect(readModel('{"model": "openai/bench-5-0"}')).toEqual({ frames: 5, pause_ms: 0 });
});
