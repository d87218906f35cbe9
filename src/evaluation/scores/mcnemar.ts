/**
 * Exact test of McNemar, two sides: the chance that of `lost + gained` flips, each as likely to go either way, the split is at least
 * as uneven. 1 without flips.
 */
export function testFlips(lost: number, gained: number): number {
  const flips = lost + gained
  if (flips === 0) return 1
  // Terms of the binomial by their logarithms, which hold where powers of two underflow.
  let log = -flips * Math.LN2
  let tail = 0
  for (let i = 0; i <= Math.min(lost, gained); i++) {
    tail += Math.exp(log)
    log += Math.log(flips - i) - Math.log(i + 1)
  }
  return Math.min(1, 2 * tail)
}
