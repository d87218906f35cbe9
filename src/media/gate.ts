/** Lets work in while the sum of its costs stays within a budget. */
export interface Gate {
  /** Waits for room, in order of arrival, then runs. Work dearer than the whole budget runs when nothing else does. */
  run<T>(cost: number, work: () => Promise<T>): Promise<T>
}

export function createGate(budget: number): Gate {
  let used = 0
  const waiting: { cost: number; enter: () => void }[] = []
  const admit = (): void => {
    while (waiting.length > 0 && (used === 0 || used + waiting[0]!.cost <= budget)) {
      const { cost, enter } = waiting.shift()!
      used += cost
      enter()
    }
  }
  return {
    async run(cost, work) {
      if (waiting.length === 0 && (used === 0 || used + cost <= budget)) used += cost
      else await new Promise<void>((enter) => waiting.push({ cost, enter }))
      try {
        return await work()
      } finally {
        used -= cost
        admit()
      }
    },
  }
}
