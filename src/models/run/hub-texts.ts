import type { PreTrainedModel, PreTrainedTokenizer } from '@huggingface/transformers'
import { FoveaError } from '#base'
import type { EmbeddingLayout } from '../hub-layout.ts'
import { readVectors, type Outputs } from './hub-vectors.ts'
import type { Transformers } from './transformers.ts'

/** Turns texts into vectors. */
export interface TextReader {
  /** Unit length, in order. Throws MODEL_INVALID, MODEL_OUTPUT. */
  read(texts: readonly string[]): Promise<Float32Array[]>
  close(): Promise<void>
}

/** Texts that go through the network at once. */
const batch = 32

/**
 * Opens tokenizer and text network of a model of pictures and texts. Texts are cut to the length that it was trained on.
 * Throws MODEL_INVALID.
 */
export async function openTextReader(
  hub: Transformers,
  { folder, kind, config, texts: network }: EmbeddingLayout,
  openNetwork: () => Promise<PreTrainedModel>,
): Promise<TextReader> {
  const { tokens, padding } = kind.texts!
  const maxTokens = config.text_config?.max_position_embeddings ?? tokens
  let tokenizer: PreTrainedTokenizer
  try {
    tokenizer = await hub.AutoTokenizer.from_pretrained(folder, { local_files_only: true })
  } catch (error) {
    throw new FoveaError('MODEL_INVALID', `The tokenizer of ${folder} cannot be read (${(error as Error).message}).`, {
      hint: 'Take tokenizer.json and tokenizer_config.json from where the model was exported.',
      cause: error,
    })
  }
  const model = await openNetwork()
  const readBatch = async (texts: string[]): Promise<Float32Array[]> => {
    const inputs: unknown = tokenizer(texts, {
      padding: padding === 'full' ? 'max_length' : true,
      truncation: true,
      max_length: maxTokens,
    })
    let outputs: Outputs
    try {
      outputs = (await model(inputs)) as Outputs
    } catch (error) {
      throw new FoveaError(
        'MODEL_INVALID',
        `${network!.file} does not take what its tokenizer makes of texts (${(error as Error).message}).`,
        {
          hint: 'Take the tokenizer and the network from the same export.',
          cause: error,
        },
      )
    }
    return readVectors(outputs, { rows: texts.length, reads: 'projection', file: network!.file }).map(
      ({ vector }) => vector,
    )
  }
  return {
    async read(texts) {
      const vectors: Float32Array[] = []
      for (let from = 0; from < texts.length; from += batch)
        vectors.push(...(await readBatch(texts.slice(from, from + batch))))
      return vectors
    },
    close: async () => void (await model.dispose()),
  }
}
