// The page's few objects, made once: what its screens are built on.

import { createNode } from './node/mirror.svelte.ts'
import { Clock } from './state/clock.svelte.ts'
import { Router } from './state/router.svelte.ts'
import { Storage } from './state/storage.svelte.ts'
import { Theme } from './state/theme.svelte.ts'
import { Toasts } from './state/toasts.svelte.ts'

export const node = createNode()
export const router = new Router()
export const toasts = new Toasts()
export const theme = new Theme()
export const clock = new Clock()
export const storage = new Storage()
