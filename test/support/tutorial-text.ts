// Reads the commands of the first release's tutorial, and what it shows below each, out of its text.

/** One command of the text. */
export interface Step {
  /** Of the text, counted from 1. */
  readonly line: number
  /** Joined where the text goes on with a backslash; without the `&` of one that runs on. */
  readonly command: string
  readonly isBackground: boolean
  /** What the text shows directly below; empty if it shows nothing there. */
  readonly output: string
}

/** Three commands of the text lack their `$`. */
const COMMAND = /^(?:\$ |(?=strelay |stindex |mkdir ))(.*)$/

export function stepsOf(text: string): Step[] {
  const lines = text.split('\n')
  const steps: Step[] = []
  for (let at = 0; at < lines.length; at++) {
    const [, first] = COMMAND.exec(lines[at] ?? '') ?? []
    if (first === undefined) continue
    const line = at + 1
    let command = first
    while (command.endsWith('\\')) command = `${command.slice(0, -1).trimEnd()} ${(lines[++at] ?? '').trim()}`
    const isBackground = command.endsWith(' &')
    const output = outputBelow(lines, at + 1, command.startsWith('cat '))
    steps.push({ line, command: command.replace(/ &$/, ''), isBackground, output })
  }
  return steps
}

/** The lines up to an empty one, a comment or the next command; a file that is shown may hold empty lines. */
function outputBelow(lines: readonly string[], start: number, isFile: boolean): string {
  let end = start
  const goesOn = (line: string): boolean =>
    !COMMAND.test(line) &&
    !line.startsWith('# ') &&
    (line !== '' || (isFile && lines[end + 1]?.startsWith('[') === true))
  while (end < lines.length && goesOn(lines[end] ?? '')) end++
  return lines
    .slice(start, end)
    .map((line) => `${line}\n`)
    .join('')
}
