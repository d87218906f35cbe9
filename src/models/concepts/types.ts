/** A class of the built-in network and its share in a meaning. */
export interface ClassWeight {
  /** Index into the network's classes. */
  index: number
  name: string
  weight: number
}

/** How a word was understood: by its place among the classes in WordNet, by nearness of meaning, or not at all. */
export type KnownBy = 'wordnet' | 'embedding'

/** A word or phrase of a text, as it was written (in lower case). */
export interface TextWord {
  text: string
  by: KnownBy | 'unknown'
}

/** One thing a text asks for. */
export interface Concept {
  /** Its words; alternatives are joined with "or". */
  text: string
  /** How much it counts beside the other concepts, 0 to 1. */
  importance: number
  /** True after "without", "no" or "not". */
  unwanted: boolean
  /** For each class of the network how far it is an instance, 0 to 1. */
  weights: Float32Array
}

/** What a text says about a picture, in classes of the built-in network. */
export interface TextMeaning {
  text: string
  /** Every class that counts, heaviest first; weights sum to 1. */
  classes: ClassWeight[]
  words: TextWord[]
  concepts: Concept[]
}
