import { quoteText } from '../shell/view.ts'

/** The condition for samples of a slice. */
export const sliceCondition = (name: string): string =>
  `slice:${/^[\p{L}_][\p{L}\p{N}._-]*$/u.test(name) ? name : quoteText(name)}`
