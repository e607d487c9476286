// `stctrl settings …`: what holds for the card as a whole.

import type { ParamsOf } from '../../worker/api.ts'
import type { Command, Entry } from '../program.ts'
import { control, quiet } from './command.ts'

function setting(word: string, about: string, params: ParamsOf<'card.setSettings'>): Command {
  return control({
    about,
    options: {},
    example: `settings ${word}`,
    work: async (_, open) => {
      const opened = await open()
      return opened.ok ? quiet(await opened.value.client.call('card.setSettings', params)) : opened
    },
  })
}

const commands: readonly (readonly [string, string, ParamsOf<'card.setSettings'>])[] = [
  ['accept-unknown', 'takes payments that match no invoice', { acceptUnknownPayments: true }],
  ['refuse-unknown', 'refuses payments that match no invoice', { acceptUnknownPayments: false }],
  ['coarse-capacities', 'tells index servers only roughly what can be received', { coarseCapacities: true }],
  ['exact-capacities', 'tells index servers exactly what can be received', { coarseCapacities: false }],
]

export const settings: Readonly<Record<string, Entry>> = Object.fromEntries(
  commands.map(([word, about, params]) => [word, setting(word, about, params)]),
)
