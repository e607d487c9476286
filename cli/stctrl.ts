// stctrl: drives a node as an app: shows what it has, configures it, pays and sells with it.

import { EXAMPLE, who } from './ctl/command.ts'
import { config } from './ctl/config.ts'
import { funds } from './ctl/funds.ts'
import { info } from './ctl/info.ts'
import { seller } from './ctl/seller.ts'
import { settings } from './ctl/settings.ts'
import { runIfStarted, type Entry, type Program } from './program.ts'

function group(
  name: string,
  about: string,
  example: string,
  commands: Readonly<Record<string, Entry>>,
): Program {
  return { name: `stctrl ${name}`, about, commands, examples: [`${EXAMPLE} ${name} ${example}`] }
}

export const stctrl: Program = {
  name: 'stctrl',
  about: 'drives a node, as an app with an identity of its own',
  leading: who,
  commands: {
    info: group('info', 'shows what a node has', 'friends', info),
    config: group('config', 'configures a node', 'remove-relay -n my_relay', config),
    settings: group('settings', 'changes what holds for the whole card', 'refuse-unknown', settings),
    funds: group('funds', 'pays', 'pay-invoice -i bananas.invoice -r bananas.receipt', funds),
    seller: group('seller', 'makes and lists invoices', 'create-invoice -a 60 -o bananas.invoice', seller),
  },
  examples: [`${EXAMPLE} info friends`],
}

runIfStarted(stctrl)
