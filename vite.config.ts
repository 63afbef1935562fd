import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Builds the web app into dist/web, which the Worker serves. Hashed files under /assets/ bypass the Worker. */
export default defineConfig({
  root: 'web',
  plugins: [react()],
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    // An inlined asset would be a data: URL, which the pages' policy refuses for everything but images.
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        // Two files with what several pages use. Without them a page loads more than a hundred files, most of a few hundred bytes.
        // Libraries are apart from our own code, so that a deployment leaves them in the browser's cache.
        codeSplitting: {
          groups: [
            { name: 'libraries', test: /node_modules/, minShareCount: 3, priority: 1 },
            { name: 'shared', minShareCount: 3 },
          ],
        },
      },
    },
  },
});
