// The lines of a log, and how often they come.

import { describe, expect, it } from 'vitest'
import { Log, TALLY_MS, type LogFormat } from '../../../../cli/operation/log.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

function start(format?: LogFormat) {
  const clock = new VirtualClock()
  const lines: string[] = []
  const complaints: string[] = []
  const write = (line: string): void => void lines.push(line)
  const complain = (line: string): void => void complaints.push(line)
  return { clock, lines, complaints, log: new Log({ format, program: 'strelay', clock, write, complain }) }
}

describe('CLI-23 log', () => {
  it('writes one JSON value a line', () => {
    const { log, lines } = start('json')
    log.info('listening', { port: 8000, tls: false })
    log.warn('certificateExpired', 'It has\nexpired.')
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        time: expect.any(String),
        level: 'info',
        program: 'strelay',
        event: 'listening',
        port: 8000,
        tls: false,
      },
      {
        time: expect.any(String),
        level: 'warn',
        program: 'strelay',
        event: 'certificateExpired',
        message: 'It has\nexpired.',
      },
    ])
    expect(lines.join('')).not.toContain('\n')
  })

  it('writes text in which no value looks like another field', () => {
    const { log, lines } = start('text')
    log.info('refused', { reason: 'x level=error' })
    expect(lines[0]).toMatch(/^\S+Z info refused reason="x level=error"$/)
  })

  it('says only what needs attention when nobody asked for a log, and nothing at all when it is off', () => {
    const { log, lines, complaints } = start()
    log.info('listening')
    log.tally('refused', 'badRequest')
    log.warn('certificateExpired', 'It has expired.')
    expect([lines, complaints]).toEqual([[], ['It has expired.']])
    const off = start('off')
    off.log.error('certificateRefused', 'It is broken.')
    expect([off.lines, off.complaints]).toEqual([[], []])
    log.close()
  })

  it('tells what strangers do at once, and from then on how often', () => {
    const { log, lines, clock } = start('json')
    const counts = (): unknown[] => lines.map((line) => (JSON.parse(line) as { count: number }).count)
    for (let times = 0; times < 500; times++) log.tally('refused', 'addressRate')
    expect(counts()).toEqual([1])
    clock.advance(TALLY_MS)
    expect(counts()).toEqual([1, 499])
    clock.advance(TALLY_MS)
    log.tally('refused', 'addressRate')
    log.tally('refused', 'addressRate')
    log.close()
    expect(counts()).toEqual([1, 499, 1, 1])
  })
})
