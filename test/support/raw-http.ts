// HTTP without a client's manners: paths go out exactly as they are written.

import { connect } from 'node:net'

export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Sends one request line and `Host`, plus other lines, and reads the answer to its end. */
export async function rawRequest(
  port: number,
  line: string,
  headers: readonly string[] = [],
): Promise<RawAnswer> {
  const hasHost = headers.some((header) => /^host:/i.test(header))
  const lines = [
    line,
    ...(hasHost ? [] : [`Host: 127.0.0.1:${port}`]),
    ...headers,
    'Connection: close',
    '',
    '',
  ]
  const text = await new Promise<string>((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect(port, '127.0.0.1', () => socket.write(lines.join('\r\n')))
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', reject)
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()))
  })
  const [head = '', ...rest] = text.split('\r\n\r\n')
  const [statusLine = '', ...fields] = head.split('\r\n')
  const pairs = fields.map((field) => [field.split(':')[0]!.toLowerCase(), field.replace(/^[^:]*:\s*/, '')])
  return {
    status: Number(statusLine.split(' ')[1]),
    headers: Object.fromEntries(pairs) as Record<string, string>,
    body: rest.join('\r\n\r\n'),
  }
}
