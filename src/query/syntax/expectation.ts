import type { Operand } from './ast.ts'

/** Where a term stands: at the top it speaks of samples, inside `labels[…]` of labels. */
export type ScopeKind = 'sample' | 'label'

/** What the grammar takes at a place. The parser notes these where the text ends; completion turns them into suggestions. */
export type Expectation =
  /** `joined`: right after another term, where "and" may be left out. */
  | { kind: 'term'; scope: ScopeKind; joined?: true }
  | { kind: 'operator'; operand: Operand; scope: ScopeKind }
  | { kind: 'value'; operand: Operand; scope: ScopeKind }
  | { kind: 'order' }
  | { kind: 'name'; of: 'slice' | 'layer' | 'class' }
  | { kind: 'member'; of: 'labels' | 'layer' }
  | { kind: 'keywords'; words: readonly string[] }
