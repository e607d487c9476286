// What the payments of federated worlds come to, out of what was counted in them.

/** Payments that the credit of the network allowed, and those by the ledgers alone, reserves and fees left aside. */
interface Allowed {
  readonly allowed: number
  readonly paid: number
  /** From 0 to 1; 1 where nothing was allowed. */
  readonly share: number
  /** Paid although it was not allowed when it was ordered. */
  readonly paidNevertheless: number
}

export interface FederationReport {
  readonly ordered: number
  readonly network: Allowed
  readonly ledgers: Allowed
  /** Of those that were paid. */
  readonly meanAttempts: number
  readonly meanParts: number
  readonly inSeveralParts: number
  /** Why those that the network allowed were not paid, and whether it allowed them still when they failed. */
  readonly unpaid: Readonly<Record<string, number>>
  readonly churn: Readonly<Record<string, number>>
}

/** @param named the counts whose names begin so, without that beginning. */
export function federationReport(
  count: (name: string) => number,
  named: (prefix: string) => Record<string, number>,
): FederationReport {
  const allowedBy = (by: 'network' | 'ledgers'): Allowed => {
    const [allowed, paid] = [count(`${by} allowed`), count(`${by} paid`)]
    return {
      allowed,
      paid,
      share: allowed === 0 ? 1 : paid / allowed,
      paidNevertheless: count(`${by} paid nevertheless`),
    }
  }
  const network = allowedBy('network')
  const paid = Math.max(1, network.paid + network.paidNevertheless)
  return {
    ordered: count('ordered'),
    network,
    ledgers: allowedBy('ledgers'),
    meanAttempts: count('attempts') / paid,
    meanParts: count('parts') / paid,
    inSeveralParts: count('in several parts'),
    unpaid: named('unpaid '),
    churn: named('churn '),
  }
}

export function tellFederation(report: FederationReport): string {
  const { ordered, network, ledgers, meanAttempts, meanParts, inSeveralParts, unpaid, churn } = report
  const share = ({ allowed, paid, share, paidNevertheless }: Allowed): string =>
    `${paid} paid of ${allowed} allowed, ${(100 * share).toFixed(2)} %; ${paidNevertheless} of the others paid`
  return [
    `${ordered} payments ordered`,
    `by the network's credit: ${share(network)}`,
    `by the ledgers alone: ${share(ledgers)}`,
    `${meanAttempts.toFixed(2)} attempts, ${meanParts.toFixed(2)} parts; ${inSeveralParts} in several parts`,
    `not paid: ${listOf(unpaid)}`,
    `churn: ${listOf(churn)}`,
  ].join('\n')
}

function listOf(counts: Readonly<Record<string, number>>): string {
  const list = Object.entries(counts).map(([name, count]) => `${name} ${count}`)
  return list.join('; ') || 'none'
}
