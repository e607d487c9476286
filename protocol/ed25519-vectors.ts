// Signatures on which Ed25519 libraries disagree, and some on which they must not: what every provider is
// measured with, in the tests and when a node starts. Built by test/vectors/craft-ed25519.ts.

import { hexToBytes } from '@noble/hashes/utils.js'
import type { SignatureCheck } from './crypto.ts'
import type { PublicKey, Signature } from './types.ts'

export interface Ed25519Vector {
  /** What was done to the signature or to its key. */
  readonly name: string
  readonly check: SignatureCheck
  /** Whether the rule (SIG-1 to SIG-3) accepts it. */
  readonly isValid: boolean
}

/** As it is written down: keys and signatures in base64url, messages in hexadecimal digits. */
interface Row {
  readonly name: string
  readonly publicKey: string
  readonly message: string
  readonly signature: string
  readonly isValid: boolean
}

const ROWS: readonly Row[] = [
  {
    name: 'an honest signature',
    publicKey: '2b8hSHSKhcidparY7gsPwtEF_TnUGkx5ZTY1TwrikAw',
    message: '6f66667374',
    signature: 'UumL-H__1PDyBzS27iyMwTIb5vEEKBZYW4sTkdk-2_9PNfTufOG1hwNZqsTmNnMiIaX4WfIwi4mnt1B_SQSAAQ',
    isValid: true,
  },
  {
    name: 'an honest signature of nothing',
    publicKey: '2b8hSHSKhcidparY7gsPwtEF_TnUGkx5ZTY1TwrikAw',
    message: '',
    signature: 'UumL-H__1PDyBzS27iyMwTIb5vEEKBZYW4sTkdk-2_9psWlBdFpqrNv2_SIzKt1bE048CDxjorSbZZfw23SgAA',
    isValid: true,
  },
  {
    name: 'another message',
    publicKey: '2b8hSHSKhcidparY7gsPwtEF_TnUGkx5ZTY1TwrikAw',
    message: '6f66667354',
    signature: 'UumL-H__1PDyBzS27iyMwTIb5vEEKBZYW4sTkdk-2_9PNfTufOG1hwNZqsTmNnMiIaX4WfIwi4mnt1B_SQSAAQ',
    isValid: false,
  },
  {
    name: 'one bit of R flipped',
    publicKey: '2b8hSHSKhcidparY7gsPwtEF_TnUGkx5ZTY1TwrikAw',
    message: '6f66667374',
    signature: 'U-mL-H__1PDyBzS27iyMwTIb5vEEKBZYW4sTkdk-2_9PNfTufOG1hwNZqsTmNnMiIaX4WfIwi4mnt1B_SQSAAQ',
    isValid: false,
  },
  {
    name: 'the sign of R flipped',
    publicKey: '2b8hSHSKhcidparY7gsPwtEF_TnUGkx5ZTY1TwrikAw',
    message: '6f66667374',
    signature: 'UumL-H__1PDyBzS27iyMwTIb5vEEKBZYW4sTkdk-239PNfTufOG1hwNZqsTmNnMiIaX4WfIwi4mnt1B_SQSAAQ',
    isValid: false,
  },
  {
    name: 'one bit of S flipped',
    publicKey: '2b8hSHSKhcidparY7gsPwtEF_TnUGkx5ZTY1TwrikAw',
    message: '6f66667374',
    signature: 'UumL-H__1PDyBzS27iyMwTIb5vEEKBZYW4sTkdk-2_9ONfTufOG1hwNZqsTmNnMiIaX4WfIwi4mnt1B_SQSAAQ',
    isValid: false,
  },
  {
    name: 'the sign of the key flipped',
    publicKey: '2b8hSHSKhcidparY7gsPwtEF_TnUGkx5ZTY1TwrikIw',
    message: '6f66667374',
    signature: 'UumL-H__1PDyBzS27iyMwTIb5vEEKBZYW4sTkdk-2_9PNfTufOG1hwNZqsTmNnMiIaX4WfIwi4mnt1B_SQSAAQ',
    isValid: false,
  },
  {
    name: 'another key',
    publicKey: 'WGZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmY',
    message: '6f66667374',
    signature: 'UumL-H__1PDyBzS27iyMwTIb5vEEKBZYW4sTkdk-2_9PNfTufOG1hwNZqsTmNnMiIaX4WfIwi4mnt1B_SQSAAQ',
    isValid: false,
  },
  {
    name: 'all zeros',
    publicKey: '2b8hSHSKhcidparY7gsPwtEF_TnUGkx5ZTY1TwrikAw',
    message: '6f66667374',
    signature: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    isValid: false,
  },
  {
    name: 'R with a component of order 2',
    publicKey: '2b8hSHSKhcidparY7gsPwtEF_TnUGkx5ZTY1TwrikAw',
    message: '52',
    signature: 'mxZ0B4AAKw8N-MtJEdNzPs3kGQ771-mnpHTsbibBJACjITwvt3h4AuuGZHSadforPcEPyZDIk7Peut3yvk1iBw',
    isValid: false,
  },
  {
    name: 'R with a component of order 4',
    publicKey: '2b8hSHSKhcidparY7gsPwtEF_TnUGkx5ZTY1TwrikAw',
    message: '52',
    signature: 'TsXF3gWwnd9dkck-eUXhqFxO_dEQxipbBIlCh6uZ0uXlMKUlrv5GEv5a3fjN6RcZNAFPPrmKPt0f16p-TYL2Dg',
    isValid: false,
  },
  {
    name: 'R with a component of order 8',
    publicKey: '2b8hSHSKhcidparY7gsPwtEF_TnUGkx5ZTY1TwrikAw',
    message: '52',
    signature: 'DLIn9rv_XY72HynVyaUOeh619zVAYP4uAYNGmFIP4uXUzi5I08ipw5MN-TKgDYBCWHI7BIKzTN0pmXIiGu4pBA',
    isValid: false,
  },
  {
    name: 'R the identity, as for a nonce of zero',
    publicKey: '2b8hSHSKhcidparY7gsPwtEF_TnUGkx5ZTY1TwrikAw',
    message: '52',
    signature: 'AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA57yJNemWOF_WJtPTQcR_dOGkG-BJ0pv2polDqjig-DQ',
    isValid: true,
  },
  {
    name: 'R of order 2',
    publicKey: '2b8hSHSKhcidparY7gsPwtEF_TnUGkx5ZTY1TwrikAw',
    message: '52',
    signature: '7P_______________________________________3-DXHpzRLzzNZ24d7p2Q2ijPOf3_N_G4jBVh3c2wjoLBg',
    isValid: false,
  },
  {
    name: 'R of order 8',
    publicKey: '2b8hSHSKhcidparY7gsPwtEF_TnUGkx5ZTY1TwrikAw',
    message: '52',
    signature: 'JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_AWYPXR7LR02RemRWdM0shNnMi3ZuTSvKZ_htsZLPpJfCw',
    isValid: false,
  },
  {
    name: 'R the identity with y = p + 1',
    publicKey: '2b8hSHSKhcidparY7gsPwtEF_TnUGkx5ZTY1TwrikAw',
    message: '52',
    signature: '7v_______________________________________3909H9vyFaMnJkT8PNTQ-EUbp8z14-b-rjSq0OWkhKwCA',
    isValid: false,
  },
  {
    name: 'R the identity with a sign',
    publicKey: '2b8hSHSKhcidparY7gsPwtEF_TnUGkx5ZTY1TwrikAw',
    message: '52',
    signature: 'AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIC4qXxkBxC1Ev_l09C5ilXeIDsHm1pgaxnHCSI4qo_PDw',
    isValid: false,
  },
  {
    name: 'R that is no point',
    publicKey: '2b8hSHSKhcidparY7gsPwtEF_TnUGkx5ZTY1TwrikAw',
    message: '52',
    signature: 'AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA0AqY2NnywSOutyanpO2pRWky8HKAT3Jm0a31MBSPVDg',
    isValid: false,
  },
  {
    name: 'S + L',
    publicKey: '2b8hSHSKhcidparY7gsPwtEF_TnUGkx5ZTY1TwrikAw',
    message: '53',
    signature: 'UumL-H__1PDyBzS27iyMwTIb5vEEKBZYW4sTkdk-2__EE6j30dfYMXhY9rfoxNPAoAkPwxaMpH3EvJ-zxPE-FA',
    isValid: false,
  },
  {
    name: 'S + 2 L',
    publicKey: '2b8hSHSKhcidparY7gsPwtEF_TnUGkx5ZTY1TwrikAw',
    message: '53',
    signature: 'UumL-H__1PDyBzS27iyMwTIb5vEEKBZYW4sTkdk-2_-x551U7DrriU717VrHvrLVoAkPwxaMpH3EvJ-zxPE-JA',
    isValid: false,
  },
  {
    name: 'S + 15 L, the largest that fits',
    publicKey: '2b8hSHSKhcidparY7gsPwtEF_TnUGkx5ZTY1TwrikAw',
    message: '53',
    signature: 'UumL-H__1PDyBzS27iyMwTIb5vEEKBZYW4sTkdk-2_-6qhkNQ0PaAjHsgKEVbwXloQkPwxaMpH3EvJ-zxPE-9A',
    isValid: false,
  },
  {
    name: 'S with its highest bit set',
    publicKey: '2b8hSHSKhcidparY7gsPwtEF_TnUGkx5ZTY1TwrikAw',
    message: '53',
    signature: 'UumL-H__1PDyBzS27iyMwTIb5vEEKBZYW4sTkdk-2__XP7Kat3TG2aG7_hQKy_SroAkPwxaMpH3EvJ-zxPE-hA',
    isValid: false,
  },
  {
    name: 'S = L',
    publicKey: '2b8hSHSKhcidparY7gsPwtEF_TnUGkx5ZTY1TwrikAw',
    message: '53',
    signature: 'UumL-H__1PDyBzS27iyMwTIb5vEEKBZYW4sTkdk-2__t0_VcGmMSWNac96Le-d4UAAAAAAAAAAAAAAAAAAAAEA',
    isValid: false,
  },
  {
    name: '-S',
    publicKey: '2b8hSHSKhcidparY7gsPwtEF_TnUGkx5ZTY1TwrikAw',
    message: '53',
    signature: 'UumL-H__1PDyBzS27iyMwTIb5vEEKBZYW4sTkdk-2_8WlEPCYu5LfjTh-I3ULupoX_bwPOlzW4I7Q2BMOw7BCw',
    isValid: false,
  },
  {
    name: 'an unrelated S',
    publicKey: '2b8hSHSKhcidparY7gsPwtEF_TnUGkx5ZTY1TwrikAw',
    message: '53',
    signature: 'UumL-H__1PDyBzS27iyMwTIb5vEEKBZYW4sTkdk-2_85yF0xL9fDfSFmA14eFPcukoWQvB9esOAIyGBl341BBQ',
    isValid: false,
  },
  {
    name: 'a key with a component of order 2',
    publicKey: 'FEDet4t1ejdiWlUnEfTwPS76AsYr5bOGmsnKsPUdb_M',
    message: '6b65792030',
    signature: 'UumL-H__1PDyBzS27iyMwTIb5vEEKBZYW4sTkdk-2_9-hNwCB37pOYa0DP4Ehh5PW1k1YQak2Pn4QsvmYbptDQ',
    isValid: false,
  },
  {
    name: 'a key with a component of order 4',
    publicKey: '5znZEDrBc9Pt7WbRqPm0EdBm5ft24VYJoCzSFysF3SU',
    message: '6b65792038',
    signature: 'UumL-H__1PDyBzS27iyMwTIb5vEEKBZYW4sTkdk-2__-X69Kzmiz0WK_wdwXqBOUm9aTgJN97smZf5J5_aNcDA',
    isValid: false,
  },
  {
    name: 'a key with a component of order 8',
    publicKey: '0uUtIRAlXabAHEv-Oj4953XTheLb7L1qFWuRBkUmalw',
    message: '6b65792030',
    signature: 'UumL-H__1PDyBzS27iyMwTIb5vEEKBZYW4sTkdk-2_8nYUD5w27xP2cTWRo7Kytuo5I8o2XlWgG7gmCefwViCQ',
    isValid: false,
  },
  {
    name: 'a key with a component of order 8 that stays in the equation',
    publicKey: '0uUtIRAlXabAHEv-Oj4953XTheLb7L1qFWuRBkUmalw',
    message: '6b65792034',
    signature: 'UumL-H__1PDyBzS27iyMwTIb5vEEKBZYW4sTkdk-2_-KmDlbOLDIIqIsyVKAw_MQvgEYF06gOKt9ZKTESFQzAA',
    isValid: false,
  },
  {
    name: 'a key of order 2',
    publicKey: '7P_______________________________________38',
    message: '6b65792031',
    signature: 'UumL-H__1PDyBzS27iyMwTIb5vEEKBZYW4sTkdk-2_8J7-7w0gr0YxivRQtJCtLRiUNykLbEbr7ATrzkuzQ6Bg',
    isValid: false,
  },
  {
    name: 'a key of order 4',
    publicKey: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    message: '6b65792032',
    signature: 'UumL-H__1PDyBzS27iyMwTIb5vEEKBZYW4sTkdk-2_8J7-7w0gr0YxivRQtJCtLRiUNykLbEbr7ATrzkuzQ6Bg',
    isValid: false,
  },
  {
    name: 'a key of order 8',
    publicKey: 'JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_AU',
    message: '6b65792031',
    signature: 'UumL-H__1PDyBzS27iyMwTIb5vEEKBZYW4sTkdk-2_8J7-7w0gr0YxivRQtJCtLRiUNykLbEbr7ATrzkuzQ6Bg',
    isValid: false,
  },
  {
    name: 'the identity as key',
    publicKey: 'AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    message: '6b65792030',
    signature: 'UumL-H__1PDyBzS27iyMwTIb5vEEKBZYW4sTkdk-2_8J7-7w0gr0YxivRQtJCtLRiUNykLbEbr7ATrzkuzQ6Bg',
    isValid: false,
  },
  {
    name: 'the identity as key with y = p + 1',
    publicKey: '7v_______________________________________38',
    message: '6b65792030',
    signature: 'UumL-H__1PDyBzS27iyMwTIb5vEEKBZYW4sTkdk-2_8J7-7w0gr0YxivRQtJCtLRiUNykLbEbr7ATrzkuzQ6Bg',
    isValid: false,
  },
  {
    name: 'the identity as key with a sign',
    publicKey: 'AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIA',
    message: '6b65792030',
    signature: 'UumL-H__1PDyBzS27iyMwTIb5vEEKBZYW4sTkdk-2_8J7-7w0gr0YxivRQtJCtLRiUNykLbEbr7ATrzkuzQ6Bg',
    isValid: false,
  },
  {
    name: 'a key of order 4 with y = p',
    publicKey: '7f_______________________________________38',
    message: '6b65792031',
    signature: 'UumL-H__1PDyBzS27iyMwTIb5vEEKBZYW4sTkdk-2_8J7-7w0gr0YxivRQtJCtLRiUNykLbEbr7ATrzkuzQ6Bg',
    isValid: false,
  },
  {
    name: 'a key of order 2 with a sign',
    publicKey: '7P________________________________________8',
    message: '6b65792031',
    signature: 'UumL-H__1PDyBzS27iyMwTIb5vEEKBZYW4sTkdk-2_8J7-7w0gr0YxivRQtJCtLRiUNykLbEbr7ATrzkuzQ6Bg',
    isValid: false,
  },
  {
    name: 'identity, identity and zero',
    publicKey: 'AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    message: '6b6579',
    signature: 'AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    isValid: false,
  },
  {
    name: 'a key that is no point',
    publicKey: 'AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    message: '6b6579',
    signature: 'UumL-H__1PDyBzS27iyMwTIb5vEEKBZYW4sTkdk-2_8N64MZTcLRoCOh9sjFkPCbWBZyMI_Vg8Ik7ihgzGnTDg',
    isValid: false,
  },
  {
    name: 'a key of large order with y + p',
    publicKey: '8P_______________________________________38',
    message: '6b6579',
    signature: 'UumL-H__1PDyBzS27iyMwTIb5vEEKBZYW4sTkdk-2_8N64MZTcLRoCOh9sjFkPCbWBZyMI_Vg8Ik7ihgzGnTDg',
    isValid: false,
  },
  {
    name: 'a signature of 63 bytes',
    publicKey: '2b8hSHSKhcidparY7gsPwtEF_TnUGkx5ZTY1TwrikAw',
    message: '73697a65',
    signature: 'UumL-H__1PDyBzS27iyMwTIb5vEEKBZYW4sTkdk-2_-_KSOs0hXtNBVf1WklISUIL8q_2Nj9juCN7O7FkGop',
    isValid: false,
  },
  {
    name: 'a signature of 65 bytes',
    publicKey: '2b8hSHSKhcidparY7gsPwtEF_TnUGkx5ZTY1TwrikAw',
    message: '73697a65',
    signature: 'UumL-H__1PDyBzS27iyMwTIb5vEEKBZYW4sTkdk-2_-_KSOs0hXtNBVf1WklISUIL8q_2Nj9juCN7O7FkGopAgA',
    isValid: false,
  },
  {
    name: 'no signature',
    publicKey: '2b8hSHSKhcidparY7gsPwtEF_TnUGkx5ZTY1TwrikAw',
    message: '73697a65',
    signature: '',
    isValid: false,
  },
  {
    name: 'a key of 31 bytes',
    publicKey: '2b8hSHSKhcidparY7gsPwtEF_TnUGkx5ZTY1TwrikA',
    message: '73697a65',
    signature: 'UumL-H__1PDyBzS27iyMwTIb5vEEKBZYW4sTkdk-2_-_KSOs0hXtNBVf1WklISUIL8q_2Nj9juCN7O7FkGopAg',
    isValid: false,
  },
  {
    name: 'a key of 33 bytes',
    publicKey: '2b8hSHSKhcidparY7gsPwtEF_TnUGkx5ZTY1TwrikAwA',
    message: '73697a65',
    signature: 'UumL-H__1PDyBzS27iyMwTIb5vEEKBZYW4sTkdk-2_-_KSOs0hXtNBVf1WklISUIL8q_2Nj9juCN7O7FkGopAg',
    isValid: false,
  },
  {
    name: 'no key',
    publicKey: '',
    message: '73697a65',
    signature: 'UumL-H__1PDyBzS27iyMwTIb5vEEKBZYW4sTkdk-2_-_KSOs0hXtNBVf1WklISUIL8q_2Nj9juCN7O7FkGopAg',
    isValid: false,
  },
]

export const ed25519Vectors: readonly Ed25519Vector[] = ROWS.map((row) => ({
  name: row.name,
  check: {
    publicKey: row.publicKey as PublicKey,
    message: hexToBytes(row.message),
    signature: row.signature as Signature,
  },
  isValid: row.isValid,
}))
