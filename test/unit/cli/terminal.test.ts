// What a program writes: plain lines into a pipe, colours and progress on a terminal.

import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { hasColours, processTerminal } from '../../../cli/terminal.ts'

class Stream {
  readonly isTTY: boolean
  text = ''
  constructor(isTTY: boolean) {
    this.isTTY = isTTY
  }
  write(text: string): void {
    this.text += text
  }
}

function terminal({ isTTY, env = {} }: { isTTY: boolean; env?: NodeJS.ProcessEnv }) {
  const [out, error] = [new Stream(isTTY), new Stream(isTTY)]
  return { out, error, terminal: processTerminal(out, error, env) }
}

describe('CLI-16 a terminal', () => {
  it('has colours, unless the user wants none or it knows none', () => {
    expect(hasColours({ isTTY: true }, {})).toBe(true)
    expect(hasColours({ isTTY: true }, { NO_COLOR: '' })).toBe(true)
    expect(hasColours({ isTTY: true }, { NO_COLOR: '1' })).toBe(false)
    expect(hasColours({ isTTY: true }, { TERM: 'dumb' })).toBe(false)
    expect(hasColours({ isTTY: false }, {})).toBe(false)
  })

  it('gets errors in red and good news in green; a pipe gets the words alone', () => {
    const screen = terminal({ isTTY: true })
    screen.terminal.error('st: No.')
    screen.terminal.out('Payment successful!')
    screen.terminal.out('Fees: 0')
    expect(screen.error.text).toContain('\u001b[31mst: No.\u001b[0m\n')
    expect(screen.out.text).toBe('\u001b[32mPayment successful!\u001b[0m\nFees: 0\n')
    const pipe = terminal({ isTTY: false })
    pipe.terminal.error('st: No.')
    pipe.terminal.out('Payment successful!')
    expect([pipe.error.text, pipe.out.text]).toEqual(['st: No.\n', 'Payment successful!\n'])
    expect(pipe.terminal.screen).toBeUndefined()
  })

  it('is shown what takes longer than a second, on stderr, and only until there is something to say', () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const { out, error, terminal: it } = terminal({ isTTY: true, env: { NO_COLOR: '1' } })
    it.screen?.status('Connecting …')
    vi.advanceTimersByTime(600)
    it.screen?.status('Paying …')
    expect(error.text).toBe('')
    vi.advanceTimersByTime(600)
    expect(error.text).toBe('\r\u001b[2KPaying …')
    it.out('Payment successful!')
    expect(error.text).toBe('\r\u001b[2KPaying …\r\u001b[2K')
    expect(out.text).toBe('Payment successful!\n')
    it.screen?.status('Again …')
    it.screen?.status(undefined)
    vi.advanceTimersByTime(5_000)
    expect(error.text).not.toContain('Again')
  })
})
