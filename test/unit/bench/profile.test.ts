import { expect, it } from 'vitest';
import type { CpuProfile } from '../../../bench/profile/inspector.ts';
import { sumSelfTime } from '../../../bench/profile/self-time.ts';
import { SourceFiles } from '../../../bench/profile/source-files.ts';

const bundle = [
  '// node_modules/zod/v4/core/parse.js',
  'function parse() {}',
  '// @__NO_SIDE_EFFECTS__',
  '// ../../../worker/executions/run.ts',
  'function run() {}',
].join('\n');

const frame = (functionName: string, lineNumber = -1) => ({
  ...{ functionName, lineNumber, columnNumber: 0, url: lineNumber === -1 ? '' : 'index.js' },
});

const profile: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame('(root)'), children: [2, 5] },
    { id: 2, callFrame: frame('run', 4), children: [3, 4] },
    { id: 3, callFrame: frame('parse', 1) },
    { id: 4, callFrame: frame('fetch') },
    { id: 5, callFrame: frame('(garbage collector)') },
  ],
  samples: [2, 3, 4, 4, 5],
  timeDeltas: [1_000, 2_000, 3_000, 3_000, 1_000],
  startTime: 0,
  endTime: 10_000,
};

it('the time of a function goes to the module that esbuild named before it', () => {
  const { functions } = sumSelfTime(profile, new SourceFiles(bundle), (url) => url === 'index.js');
  expect(functions.map(({ name, file, percent }) => [name, file, percent])).toEqual([
    ['fetch', 'native', 60],
    ['parse', 'node_modules/zod/v4/core/parse.js:2', 20],
    ['run', 'worker/executions/run.ts:5', 10],
    ['(garbage collector)', '', 10],
  ]);
});

it('the time of a native function goes to the group that called it', () => {
  const { groups } = sumSelfTime(profile, new SourceFiles(bundle), (url) => url === 'index.js');
  expect(groups.map(({ name, self_ms }) => [name, self_ms])).toEqual([
    ['worker/executions', 7],
    ['zod', 2],
    ['garbage collector', 1],
  ]);
});
