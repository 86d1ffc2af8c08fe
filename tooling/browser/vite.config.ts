import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { browserOnly, markers } from './browser-only.ts';

// The page is built from sources, so that it needs no build before it and never shows a stale one.
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  logLevel: 'warn',
  resolve: { conditions: ['@quorate/source'] },
  define: markers,
  plugins: [browserOnly()],
  worker: { format: 'es', plugins: () => [browserOnly()] },
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2023', modulePreload: false },
  preview: { host: '127.0.0.1' },
});
