import { distance } from 'fastest-levenshtein'
import { FoveaError } from '#base'
import { cutPhrases, type Phrase } from './phrases.ts'
import { readTable, type ConceptTable } from './table.ts'
import type { ClassWeight, Concept, TextMeaning, TextWord } from './types.ts'

/** What a word that is only near in meaning counts beside one that has its place among the classes. */
const vagueImportance = 0.25
const mostSuggestions = 5
/** Looking for words like a wrong one goes through the whole table. */
const mostWordsCorrected = 5
const longestText = 1000

/** Understands texts by the classes of the built-in network. */
export interface Concepts {
  /** Class names, in the order of the network's outputs. */
  readonly classNames: readonly string[]
  /**
   * Which classes a text speaks of. Phrases are matched longest first, plurals by their singular; "or" joins alternatives, "without"
   * and "no" turn what follows round. Words that are not known are left out as long as one is known.
   * Throws TEXT_UNKNOWN when none is, with the nearest known words, and INPUT_INVALID for more than 1000 characters.
   */
  explainText(text: string): TextMeaning
}

/** Opens the table of words that comes with the built-in network. Throws MODEL_INVALID. */
export async function openConcepts(): Promise<Concepts> {
  const table = await readTable(new URL('./concepts.bin', import.meta.url))
  return { classNames: table.classNames, explainText: (text) => explainText(text, table) }
}

function explainText(text: string, table: ConceptTable): TextMeaning {
  if (text.length > longestText)
    throw new FoveaError(
      'INPUT_INVALID',
      `Expected at most ${longestText} characters to search for, got ${text.length}.`,
      {
        hint: 'Name what the picture shows in a few words.',
      },
    )
  const phrases = cutPhrases(text, table)
  const words = phrases.flatMap((phrase): TextWord[] =>
    'joint' in phrase ? [] : [{ text: phrase.text, by: phrase.by }],
  )
  const concepts = gatherConcepts(phrases, table)
  if (concepts.length === 0) throw unknownText(text, words, table)
  return { text, classes: sumClasses(concepts, table.classNames), words, concepts }
}

function gatherConcepts(phrases: readonly Phrase[], table: ConceptTable): Concept[] {
  const concepts: (Concept & { isPlaced: boolean })[] = []
  let joins = false
  let unwanted = false
  for (const phrase of phrases) {
    if ('joint' in phrase) {
      joins = phrase.joint === 'or'
      unwanted ||= phrase.joint === 'without'
      continue
    }
    const last = concepts.at(-1)
    if (phrase.by !== 'unknown') {
      const isPlaced = phrase.by === 'wordnet'
      if (joins && last !== undefined) {
        last.text += ` or ${phrase.text}`
        last.isPlaced ||= isPlaced
        table.weigh(phrase.key, last.weights)
      } else {
        const weights = new Float32Array(table.classNames.length)
        table.weigh(phrase.key, weights)
        concepts.push({ text: phrase.text, importance: 1, unwanted, weights, isPlaced })
      }
    }
    joins = false
    unwanted = false
  }
  const somePlaced = concepts.some((concept) => concept.isPlaced && !concept.unwanted)
  return concepts.map(({ isPlaced, ...concept }) => ({
    ...concept,
    importance: isPlaced || !somePlaced ? 1 : vagueImportance,
  }))
}

/** Shares of the classes in all that is wanted, or in what is unwanted where nothing else is said. */
function sumClasses(concepts: readonly Concept[], names: readonly string[]): ClassWeight[] {
  const wanted = concepts.filter(({ unwanted }) => !unwanted)
  const sums = new Float64Array(names.length)
  let total = 0
  for (const { weights, importance } of wanted.length > 0 ? wanted : concepts) {
    const own = weights.reduce((sum, weight) => sum + weight, 0)
    weights.forEach((weight, index) => (sums[index] = (sums[index] ?? 0) + (importance * weight) / own))
    total += importance
  }
  return names
    .map((name, index) => ({ index, name, weight: (sums[index] ?? 0) / total }))
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight || a.index - b.index)
}

function unknownText(text: string, words: readonly TextWord[], table: ConceptTable): FoveaError {
  if (words.length === 0)
    return new FoveaError('TEXT_UNKNOWN', `Expected words for things that can be seen, got ${JSON.stringify(text)}.`, {
      hint: 'Name what the picture shows, such as: red car on a bridge',
      details: { words, nearest: [] },
    })
  const nearest = suggestWords(words, table)
  return new FoveaError('TEXT_UNKNOWN', `None of these words is known: ${words.map((word) => word.text).join(', ')}.`, {
    hint: `${nearest.length > 0 ? `Did you mean ${nearest.join(', ')}? ` : ''}Only things are known, by common English names, no colours or qualities.`,
    details: { words, nearest },
  })
}

/** Known words that are few edits away (a third of the letters at most), nearest first. */
function suggestWords(unknown: readonly TextWord[], table: ConceptTable): string[] {
  const found = unknown.slice(0, mostWordsCorrected).flatMap(({ text }) => {
    const most = Math.max(1, Math.floor(text.length / 3))
    return table.words
      .filter((word) => Math.abs(word.length - text.length) <= most)
      .map((word) => ({ word, edits: distance(text, word), placed: table.knows(word) === 'wordnet' }))
      .filter(({ edits }) => edits <= most)
  })
  found.sort((a, b) => a.edits - b.edits || Number(b.placed) - Number(a.placed) || (a.word < b.word ? -1 : 1))
  return [...new Set(found.map(({ word }) => word))].slice(0, mostSuggestions)
}
