// concepts: texts as weights over the classes of the built-in network, so that pictures can be found by words without an
// image-text model. It refuses to know of pictures beyond their class probabilities. The table is made by scripts/concepts.
// Start with meaning.ts; table.ts reads the words, phrases.ts cuts a text, score.ts rates a picture.
export { openConcepts } from './meaning.ts'
export { scoreText } from './score.ts'
