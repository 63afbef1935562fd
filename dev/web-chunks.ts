import react from '@vitejs/plugin-react';
import { build, type Rolldown } from 'vite';
import { chunksOf, type RouteBudget } from './web-budget.ts';

/**
 * Returns the chunks of a build that groups nothing. What a module really needs is known only after unused exports are gone, so this build
 * says which modules a route loads. Takes about a second.
 */
async function ungroupedChunks(root: string): Promise<Rolldown.OutputChunk[]> {
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
  return (built as Rolldown.RolldownOutput).output.filter((one) => one.type === 'chunk');
}

const isLibrary = (id: string) => id.includes('/node_modules/');

/**
 * Returns the groups of modules that become files: what each of the routes loads beyond those before it, and what several other pages
 * share. Without them a page loads about a hundred files, most of a few hundred bytes. Libraries are apart from our own code, so that a
 * deployment leaves them in the browser's cache.
 */
export async function chunkGroups(
  root: string,
  routes: Pick<RouteBudget, 'name' | 'modules'>[],
): Promise<Rolldown.CodeSplittingGroup[]> {
  const chunks = await ungroupedChunks(root);
  const groups = routes.flatMap(({ name, modules }) => {
    const loaded = new Set(chunksOf(chunks, modules).flatMap((chunk) => Object.keys(chunk.modules)));
    return [
      { name: `${name}-libraries`, test: (id: string) => loaded.has(id) && isLibrary(id) },
      { name, test: (id: string) => loaded.has(id) },
    ];
  });
  const all = [
    ...groups,
    { name: 'libraries', test: isLibrary, minShareCount: 3 },
    { name: 'shared', minShareCount: 3 },
  ];
  return all.map((group, at) => ({ ...group, priority: all.length - at }));
}
