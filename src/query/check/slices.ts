import { nearestNames } from '../nearest.ts'
import { queryLimits, quoteText, refuse, toError, type QueryFault } from '../problem.ts'
import type { SliceTerm } from '../syntax/ast.ts'
import { collect, fail, type Context } from './context.ts'
import type { TypedTerm } from './typed.ts'

/** A slice stands for its query; one with a limit for its first samples in its own order. Faults inside it are told at the place of its name. */
export function checkSlice(context: Context, { name, nameSpan }: SliceTerm): TypedTerm {
  const slice = context.schema.slices.find((one) => one.name === name)
  if (slice === undefined) {
    const names = context.schema.slices.map((one) => one.name)
    const hint = names.length === 0 ? 'The dataset has no slices yet.' : null
    return fail({
      span: nameSpan,
      expected: 'a slice of this dataset',
      got: quoteText(name),
      hint,
      candidates: nearestNames(name, names),
    })
  }
  const path = [...context.slicePath, name]
  if (context.slicePath.includes(name)) {
    const message = `Slices must not lead back to themselves, got ${path.map(quoteText).join(' → ')}.`
    throw toError(refuse(nameSpan, message, 'Change one of them.'))
  }
  if (path.length > queryLimits.slicesDeep) {
    const message = `Slices refer to slices at most ${queryLimits.slicesDeep} deep; ${quoteText(name)} goes deeper.`
    throw toError(refuse(nameSpan, message, 'Write part of the chain out.'))
  }
  if (context.level > queryLimits.nesting) {
    const message = `With its slices a query is nested at most ${queryLimits.nesting} deep before the last of them; ${quoteText(name)} at character ${nameSpan.start + 1} stands deeper.`
    throw toError(refuse(nameSpan, message, 'Take out brackets in the slices.'))
  }
  const inner: Context = { ...context, faults: [], slicePath: path }
  const query = collect(inner, () => inner.expand(inner, slice.query), { where: null, order: [], limit: null })
  const fault = inner.faults[0]
  if (fault !== undefined) throw toError(context.slicePath.length === 0 ? tellOutside(fault, name, nameSpan) : fault)
  if (query.limit !== null) return { kind: 'subset', query }
  return query.where ?? { kind: 'constant', value: true }
}

function tellOutside(fault: QueryFault, name: string, span: SliceTerm['nameSpan']): QueryFault {
  const message = `Slice ${quoteText(name)} at character ${span.start + 1} cannot be used: ${fault.message}`
  return { ...fault, message, span }
}
