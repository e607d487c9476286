// QR codes for a terminal.

import { encodeQR } from 'qr'
import { hasColours } from './terminal.ts'

/** What of the standard output's stream decides how a code is drawn. */
export type Screenlike = Pick<NodeJS.WriteStream, 'isTTY'> & { readonly columns?: number }

/**
 * Draws a code: with colours where there is a screen that has room for them, so that it is dark on light whatever
 * the terminal's colours are; else with block characters. A code that is wider than the screen becomes a sentence.
 */
export function drawQr(payload: string, stream: Screenlike = process.stdout): string[] {
  const columns = stream.columns ?? Infinity
  const coloured = hasColours(stream) ? linesOf(encodeQR(payload, 'term')) : []
  const modules = encodeQR(payload, 'raw').length
  if (coloured.length > 0 && 2 * modules <= columns) return coloured
  if (modules <= columns) return linesOf(encodeQR(payload, 'ascii'))
  return [`The QR code takes ${modules} columns, and the terminal has ${columns}: make it wider.`]
}

function linesOf(drawing: string): string[] {
  return drawing.trimEnd().split('\n')
}
