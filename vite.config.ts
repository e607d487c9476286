// Builds the wallet: web/ with its workers into dist/web, as plain static files under a strict CSP.
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

/** Where `npm start` listens: `npm run dev` beside it serves the pages, and passes the rest on. */
const UP = 'http://127.0.0.1:8080'

// Pages and workers know how old they are: a page of a newer build replaces a worker of an older one.
process.env.VITE_BUILD ??= String(Date.now())

export default defineConfig({
  root: 'web',
  server: {
    proxy: {
      '/.well-known/': { target: UP, changeOrigin: true },
      '^/(relay|index)$': { target: UP, ws: true },
    },
  },
  plugins: [svelte({ configFile: '../svelte.config.js' })],
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    // The polyfill would be an inline script; every browser that we support preloads modules itself.
    modulePreload: { polyfill: false },
    // No data: URLs, so that the CSP can refuse them.
    assetsInlineLimit: 0,
    sourcemap: false,
  },
  worker: {
    format: 'es',
    rolldownOptions: {
      output: {
        // A SharedWorker is known by its URL: another name after a deploy would start a second node.
        entryFileNames: 'assets/[name].js',
        chunkFileNames: 'assets/[name]-[hash].js',
      },
    },
  },
})
