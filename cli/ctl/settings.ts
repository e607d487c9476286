// `stctrl config …` for what holds for the card as a whole.

import type { Command, Entry } from '../program.ts'
import { control, quiet } from './command.ts'

function setCapacities(coarseCapacities: boolean): Command {
  const word = coarseCapacities ? 'coarse-capacities' : 'exact-capacities'
  return control({
    about: coarseCapacities
      ? 'tells index servers only roughly what can be received'
      : 'tells index servers exactly what can be received',
    options: {},
    example: `config ${word}`,
    work: async (_, open) => {
      const opened = await open()
      if (!opened.ok) return opened
      return quiet(await opened.value.client.call('card.setSettings', { coarseCapacities }))
    },
  })
}

export const settingCommands: Readonly<Record<string, Entry>> = {
  'coarse-capacities': setCapacities(true),
  'exact-capacities': setCapacities(false),
}
