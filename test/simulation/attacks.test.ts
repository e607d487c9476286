// Worlds in which somebody lies, in each way that the simulator knows.

import { describe, it } from 'vitest'
import { ATTACKS } from './engine/attacks.ts'
import { simulate } from './engine/simulation.ts'
import { expectSound } from './expect-sound.ts'

describe('STO-1 STO-3 CH-10 whoever lies, all have what they should have and nothing stays frozen', () => {
  it.each(Object.keys(ATTACKS))('beside a friend who attacks by %s', async (attack) => {
    expectSound(await simulate('7', { attack }))
  })

  it('with a relay and an index server that lie', async () => {
    expectSound(await simulate('11', { servers: 'hostile' }))
  })
})
