import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { type Chunk, chunksOf, measureRoute } from '../../../dev/web-budget.ts';

const chunk = (fileName: string, moduleId: string | null, imports: string[] = []): Chunk => ({
  fileName,
  moduleIds: moduleId === null ? [] : [moduleId],
  imports,
  code: `// ${fileName}`,
});

const chunks = [
  chunk('main.js', '/web/src/app/main.tsx', ['libraries.js']),
  chunk('libraries.js', null, ['runtime.js']),
  chunk('runtime.js', null, ['libraries.js']),
  chunk('home.js', '/web/src/pages/home.tsx', ['libraries.js', 'charts.js']),
  chunk('charts.js', null),
];
const namesOf = (loaded: Chunk[]) => loaded.map(({ fileName }) => fileName).sort();

test('a route loads its entry and everything that is imported statically, each file once', () => {
  expect(namesOf(chunksOf(chunks, ['/app/main.tsx']))).toEqual(['libraries.js', 'main.js', 'runtime.js']);
  expect(chunksOf(chunks, ['/app/main.tsx', '/pages/home.tsx'])).toHaveLength(5);
});

test('a budget whose module is gone is an error, not a pass', () => {
  expect(() => chunksOf(chunks, ['/pages/moved.tsx'])).toThrow('/pages/moved.tsx');
});

test('a route that exceeds its files or its bytes is named with both figures', () => {
  const gzip_bytes = ['main.js', 'libraries.js', 'runtime.js']
    .map((name) => gzipSync(`// ${name}`).length)
    .reduce((sum, bytes) => sum + bytes);
  const budget = { route: '/login', modules: ['/app/main.tsx'], files_max: 3, gzip_bytes_max: gzip_bytes };
  expect(measureRoute(chunks, budget)).toEqual({ route: '/login', files: 3, gzip_bytes, excesses: [] });
  const { excesses } = measureRoute(chunks, { ...budget, files_max: 2, gzip_bytes_max: gzip_bytes - 1 });
  expect(excesses).toEqual([
    '/login loads 3 files of JavaScript, more than 2',
    '/login loads 1 KB of compressed JavaScript, more than 1 KB',
  ]);
});
