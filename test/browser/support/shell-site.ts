// The shell's test page, built by the wallet's own configuration and served by `offst up` with all its headers.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { build } from 'vite'
import { startUp, type RunningUp } from '../../../cli/up.ts'
import type { MethodName, ParamsOf, ResultOf } from '../../../worker/api.ts'
import walletConfig from '../../../vite.config.ts'
import type { ShellPage } from './shell-page/main.ts'

const PAGE = fileURLToPath(new URL('./shell-page/main.ts', import.meta.url))

export interface ShellSite {
  readonly url: string
  /** The built files. */
  readonly folder: string
  /** Builds the page again and serves that from now on, at the same place: a deploy. */
  deploy(version: number): Promise<void>
  stop(): Promise<void>
}

/** @param version what the page and its workers say that they were built at. */
export async function startShellSite(version: number): Promise<ShellSite> {
  const folder = await mkdtemp(join(tmpdir(), 'offst-shell-'))
  const wallet = join(folder, 'web')
  const serve = async (port: number): Promise<RunningUp> => {
    const running = await startUp(
      { port: String(port), data: join(folder, 'data'), wallet },
      { out: () => undefined, error: () => undefined },
    )
    if (!running.ok) throw new Error(running.error.message)
    return running.value
  }
  await buildPage(wallet, version)
  let up = await serve(0)
  return {
    url: up.url,
    folder: wallet,
    deploy: async (next) => {
      await buildPage(wallet, next)
      const { port } = up
      await up.stop()
      up = await serve(port)
    },
    stop: async () => {
      await up.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function buildPage(outDir: string, version: number): Promise<void> {
  process.env.VITE_BUILD = String(version)
  await build({
    ...walletConfig,
    configFile: false,
    // No Svelte in this page.
    plugins: [],
    root: dirname(PAGE),
    publicDir: false,
    logLevel: 'error',
    build: { ...walletConfig.build, outDir },
  })
}

declare global {
  // Set by the test page.
  var shell: ShellPage
}

/** A call through the page's client. Rejects with `code: message`. */
export async function call<M extends MethodName>(
  page: Page,
  method: M,
  params: ParamsOf<M>,
  card?: string,
): Promise<ResultOf<M>> {
  const result = await page.evaluate(([name, given, where]) => globalThis.shell.call(name, given, where), [
    method,
    params,
    card,
  ] as const)
  return result as ResultOf<M>
}
