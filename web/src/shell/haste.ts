let until = 0

/** Says that what is shown changes again within `ms`, so that what is dear to draw and soon gone may wait. */
export function hurry(ms: number): void {
  until = performance.now() + ms
}

/** Nothing more is to come. */
export function rest(): void {
  until = 0
}

export const isHurried = (): boolean => performance.now() < until
