// `stctrl info history`: everything that ever happened on the card, oldest first: as a table, JSON or CSV.

import { fail, ok, type Result } from '../../protocol/result.ts'
import type { ActivityView } from '../../worker/api.ts'
import { SECRET_MODE, writeNewFile } from '../files.ts'
import { sinceOf } from '../moment.ts'
import { control, jsonOption, toJson, type Control } from './command.ts'
import { drawTable, momentText } from './table.ts'

/** The most that a node tells at once. */
const PAGE_ENTRIES = 500

export const history = control({
  about: 'tells everything that ever happened on the card, oldest first',
  options: {
    since: {
      type: 'string',
      value: 'TIME',
      about: 'leaves out what is older: 30m, 12h, 7d ago, or a moment such as 2030-01-31T18:00Z',
    },
    json: jsonOption,
    csv: { type: 'boolean', about: 'prints comma-separated values, for spreadsheets' },
    output: {
      type: 'string',
      short: 'o',
      value: 'FILE',
      about: 'writes to a new file that only you can read',
    },
  },
  example: 'info history --since 30d --csv -o history.csv',
  work: async ({ since: text, json, csv, output }, open) => {
    if (json && csv) return fail('usage', 'Name either --json or --csv.')
    const since = text === undefined ? ok(0) : sinceOf(text, Date.now())
    if (!since.ok) return since
    const opened = await open()
    if (!opened.ok) return opened
    const entries = await entriesSince(opened.value, since.value)
    if (!entries.ok) return entries
    const lines = json ? toJson(entries.value) : csv ? toCsv(entries.value) : toTable(entries.value)
    if (output === undefined) return ok(lines)
    const written = await writeNewFile(output, lines.map((line) => `${line}\n`).join(''), SECRET_MODE)
    return written.ok ? ok([]) : written
  },
})

/** All entries from `since` (milliseconds since 1970) on, oldest first, asked for page by page. */
export async function entriesSince(
  control: Control,
  since: number,
  pageEntries = PAGE_ENTRIES,
): Promise<Result<ActivityView[]>> {
  const entries: ActivityView[] = []
  for (;;) {
    const page = await pageBefore(control, entries.at(-1)?.id, pageEntries)
    if (!page.ok) return page
    const wanted = page.value.filter(({ time }) => time >= since)
    entries.push(...wanted)
    if (page.value.length < pageEntries || wanted.length < page.value.length) return ok(entries.reverse())
    control.terminal.screen?.status(`Reading the history: ${entries.length} entries …`)
  }
}

/** Newest first; those before the entry `before`, or the last ones. */
export function pageBefore(
  { client }: Control,
  before: number | undefined,
  limit = PAGE_ENTRIES,
): Promise<Result<readonly ActivityView[]>> {
  return client.call('activity.list', { limit, ...(before === undefined ? {} : { before }) })
}

function toTable(entries: readonly ActivityView[]): string[] {
  if (entries.length === 0) return ['No history.']
  const rows = entries.map((entry) => [
    momentText(entry.time),
    entry.kind,
    entry.amount === undefined ? '' : `${entry.amount} ${entry.currency ?? ''}`.trim(),
    entry.fees ?? '',
    entry.friendName ?? '',
    entry.description ?? entry.fault?.message ?? '',
  ])
  return drawTable(['time', 'kind', 'amount', 'fees', 'friend', 'about'], rows, '-')
}

const COLUMNS: readonly [string, (entry: ActivityView) => string | undefined][] = [
  ['id', ({ id }) => String(id)],
  ['time', ({ time }) => new Date(time).toISOString()],
  ['kind', ({ kind }) => kind],
  ['currency', ({ currency }) => currency && quote(currency)],
  ['amount', ({ amount }) => amount],
  ['fees', ({ fees }) => fees],
  ['friend', ({ friend }) => friend],
  ['friend_name', ({ friendName }) => friendName && quote(friendName)],
  ['next_friend', ({ nextFriend }) => nextFriend],
  ['destination', ({ destination }) => destination],
  ['description', ({ description }) => description && quote(description)],
  ['payment', ({ payment }) => payment],
  ['invoice', ({ invoice }) => invoice],
  ['fault', ({ fault }) => fault && quote(fault.message)],
]

/** With a line of headings; times are UTC. */
function toCsv(entries: readonly ActivityView[]): string[] {
  return [
    COLUMNS.map(([name]) => name).join(','),
    ...entries.map((entry) => COLUMNS.map(([, fieldOf]) => fieldOf(entry) ?? '').join(',')),
  ]
}

/** Text that others may have written: quoted, and no spreadsheet takes it for a formula. */
function quote(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return `"${harmless.replaceAll('"', '""')}"`
}
