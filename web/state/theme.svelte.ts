// Light, dark, or as the system says; remembered by this browser.

const THEME_KEY = 'offst.theme'
export const THEMES = ['system', 'light', 'dark'] as const
export type ThemeName = (typeof THEMES)[number]

export class Theme {
  #name = $state<ThemeName>(read())

  constructor() {
    apply(this.#name)
  }

  get name(): ThemeName {
    return this.#name
  }

  set name(name: ThemeName) {
    this.#name = name
    apply(name)
    try {
      localStorage.setItem(THEME_KEY, name)
    } catch {
      // Storage may be denied: then the choice lasts as long as the page.
    }
  }
}

function read(): ThemeName {
  try {
    const stored = localStorage.getItem(THEME_KEY)
    return THEMES.find((name) => name === stored) ?? 'system'
  } catch {
    return 'system'
  }
}

function apply(name: ThemeName): void {
  if (name === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = name
}
