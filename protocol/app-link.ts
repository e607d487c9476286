// What the link between an app and a node is for (docs/PROTOCOL.md, CLI-10); both sides give it to the handshake.

import { utf8ToBytes } from '@noble/hashes/utils.js'

export const APP_PROLOGUE: Uint8Array = utf8ToBytes('offst/app/v1')
