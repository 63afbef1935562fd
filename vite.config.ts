import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { routeBudgets, webBudget } from './dev/web-budget.ts';
import { chunkGroups } from './dev/web-chunks.ts';

/** Builds the web app into dist/web, which the Worker serves. Hashed files under /assets/ bypass the Worker. */
export default defineConfig(async ({ command }) => ({
  root: 'web',
  plugins: [react(), webBudget(routeBudgets)],
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    // An inlined asset would be a data: URL, which the pages' policy refuses for everything but images.
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        codeSplitting: { groups: command === 'build' ? await chunkGroups('web', routeBudgets) : [] },
      },
    },
  },
}));
