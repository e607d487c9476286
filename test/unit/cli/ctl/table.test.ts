import { expect, it } from 'vitest'
import { drawTable } from '../../../../cli/ctl/table.ts'

it('CLI-12 draws cells of several lines, as wide as their widest line', () => {
  expect(
    drawTable(
      ['st', 'name'],
      [
        ['E+', ['Zoë 🍌', 'x']],
        ['D-', 'b'],
      ],
      '=',
    ),
  ).toEqual([
    '+----+-------+',
    '| st | name  |',
    '+====+=======+',
    '| E+ | Zoë 🍌 |',
    '|    | x     |',
    '+----+-------+',
    '| D- | b     |',
    '+----+-------+',
  ])
})

it('draws a table without rows', () => {
  expect(drawTable(['relay name'], [], '-')).toEqual(['+------------+', '| relay name |', '+------------+'])
})
