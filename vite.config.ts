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
  },
});
