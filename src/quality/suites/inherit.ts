import type { Node } from 'yaml'
import type { Severity, Stage } from '#contract'
import type { ReadCheck, Reading } from './checks.ts'
import { suggestName } from './names.ts'
import type { Located, Suite, SuiteCheck } from './types.ts'

/** A suite as written, before what it inherits. */
export interface OwnSuite {
  name: string
  keyNode: Node
  parent: Located | null
  stage: Stage | null
  severity: Severity | null
  scope: Located | null
  against: Located | null
  /** Null when it says nothing of them. */
  datasets: string[] | null
  checks: ReadCheck[]
}

/** Suites with what they inherit: settings that the child leaves out, and checks, which a check of the same id replaces. */
export function inherit({ source }: Reading, suites: readonly OwnSuite[]): Suite[] {
  const byName = new Map(suites.map((suite) => [suite.name, suite]))
  const done = new Map<string, Suite>()
  const resolve = (own: OwnSuite, path: readonly string[]): Suite => {
    const ready = done.get(own.name)
    if (ready !== undefined) return ready
    let parent: Suite | undefined
    if (own.parent !== null) {
      const found = byName.get(own.parent.text)
      if (found === undefined)
        source.fault(
          own.parent.at(0),
          `There is no suite ${JSON.stringify(own.parent.text)} to extend.`,
          suggestName(
            own.parent.text,
            [...byName.keys()].filter((name) => name !== own.name),
          ),
        )
      else if ([...path, own.name].includes(found.name))
        source.fault(
          own.parent.at(0),
          `The suites extend each other in a circle: ${[...path, own.name, found.name].join(' → ')}.`,
        )
      else parent = resolve(found, [...path, own.name])
    }
    const suite: Suite = {
      name: own.name,
      extends: own.parent?.text ?? null,
      stage: own.stage ?? parent?.stage ?? null,
      severity: own.severity ?? parent?.severity ?? null,
      scope: own.scope ?? parent?.scope ?? null,
      against: own.against ?? parent?.against ?? null,
      datasets: own.datasets ?? parent?.datasets ?? [],
      checks: joinChecks(source, parent?.checks ?? [], own.checks),
      at: source.placeOf(own.keyNode),
    }
    done.set(own.name, suite)
    return suite
  }
  return suites.map((suite) => resolve(suite, []))
}

function joinChecks(
  source: Reading['source'],
  inherited: readonly SuiteCheck[],
  own: readonly ReadCheck[],
): SuiteCheck[] {
  const checks = [...inherited]
  const mine = new Map<string, SuiteCheck>()
  for (const read of own) {
    if (read.dropped) {
      const at = checks.findIndex((check) => check.id === read.id && !mine.has(check.id))
      if (at < 0)
        source.fault(
          read.node,
          `There is no inherited check ${JSON.stringify(read.id)} to leave out.`,
          suggestName(
            read.id,
            inherited.map((check) => check.id),
          ),
        )
      else checks.splice(at, 1)
      continue
    }
    const { check } = read
    const taken = checks.findIndex((other) => other.id === check.id)
    if (taken >= 0 && read.named && mine.has(check.id)) {
      source.fault(check.at, `Two checks of the suite have the id ${JSON.stringify(check.id)}.`)
      continue
    }
    if (taken >= 0 && read.replaces && !mine.has(check.id)) {
      checks[taken] = check
      mine.set(check.id, check)
      continue
    }
    const unique = taken < 0 ? check : { ...check, id: freeId(check.id, checks) }
    mine.set(unique.id, unique)
    checks.push(unique)
  }
  return checks
}

function freeId(id: string, checks: readonly SuiteCheck[]): string {
  for (let n = 2; ; n++) if (!checks.some((check) => check.id === `${id}-${n}`)) return `${id}-${n}`
}
