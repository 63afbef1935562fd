import react from '@vitejs/plugin-react';
import { build, type Rolldown } from 'vite';
import { chunksOf } from './web-budget.ts';

/**
 * Returns the ids of the modules that the login page loads. They are found by a build that groups nothing, since what a module really
 * needs is known only after unused exports are gone. Takes about a second.
 */
async function firstModules(root: string): Promise<Set<string>> {
  const built = await build({
    configFile: false,
    root,
    plugins: [react()],
    logLevel: 'silent',
    build: {
      write: false,
      minify: false,
      rolldownOptions: { experimental: { chunkOptimization: { mergeCommonChunks: false } } },
    },
  });
  const { output } = built as Rolldown.RolldownOutput;
  const chunks = output.filter((one) => one.type === 'chunk');
  return new Set(chunksOf(chunks, ['/index.html']).flatMap(({ modules }) => Object.keys(modules)));
}

const isLibrary = (id: string) => id.includes('/node_modules/');

/**
 * Returns the groups of modules that become files: what the login page loads, and what several other pages share. Without them a page
 * loads about a hundred files, most of a few hundred bytes. Libraries are apart from our own code, so that a deployment leaves them in the
 * browser's cache.
 */
export async function chunkGroups(root: string): Promise<Rolldown.CodeSplittingGroup[]> {
  const first = await firstModules(root);
  return [
    { name: 'first-libraries', test: (id) => first.has(id) && isLibrary(id), priority: 4 },
    { name: 'first', test: (id) => first.has(id), priority: 3 },
    { name: 'libraries', test: isLibrary, minShareCount: 3, priority: 2 },
    { name: 'shared', minShareCount: 3, priority: 1 },
  ];
}
