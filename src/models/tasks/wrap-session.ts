import type { InferenceSession, Tensor as OrtTensor, TensorConstructor } from 'onnxruntime-node'
import { FoveaError } from '#base'
import { measurePlacement } from '#media'
import { checkSession } from '../run/check-session.ts'
import { fillInput, planChannels } from '../run/fill-input.ts'
import { firstLine } from '../run/open-session.ts'
import type { TaskCard } from './card.ts'
import { readOutputs, type Outputs } from './outputs.ts'
import { planInput } from './prepare.ts'
import { namedOutputs, readAnswer } from './read-answer.ts'
import { inParts, rowsOfRun, takesRows } from './rows.ts'
import { checkOutputNames, makeInputs, readSignature, toTensorValue } from './tensors.ts'
import type { Prediction, PreparedPicture, TaskModel, TensorValue } from './types.ts'

/**
 * A model of a task around an opened network: holds it against its card and runs it once on a grey picture. `session` and `Tensor` are
 * those of any build of ONNX Runtime; `prepare` decodes and fits. Throws MODEL_MISMATCH, MODEL_OUTPUT.
 */
export async function wrapTaskSession({
  card,
  classes,
  session,
  Tensor,
  prepare,
  threads = 1,
}: {
  card: TaskCard
  classes: readonly string[]
  session: InferenceSession
  Tensor: TensorConstructor
  prepare: TaskModel['prepare']
  /** Threads that the session has. */
  threads?: number
}): Promise<TaskModel> {
  const fetches = namedOutputs(card)
  checkSession(session, card, fetches)
  const { input, name } = card
  const [height, width] = input.size
  const plan = planInput(input)
  const channels = planChannels(input)
  const perPicture = 3 * height * width
  const signature = { inputs: readSignature(session.inputMetadata), outputs: readSignature(session.outputMetadata) }

  // Runs take turns: a session that runs twice at once shares its threads, and each would be slower.
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const turn = last.then(work)
    last = turn.catch(() => {})
    return turn
  }

  /** `rows` is what the network is given, which may be more than there are pictures. */
  const run = async (pictures: readonly PreparedPicture[], rows: number): Promise<Outputs> => {
    // Its own buffer, for ONNX Runtime reads it after `run` was called.
    const data = new Float32Array(rows * perPicture)
    pictures.forEach(({ planes }, i) =>
      fillInput(input.layout, channels, planes, data.subarray(i * perPicture, (i + 1) * perPicture)),
    )
    const dims = input.layout === 'nchw' ? [rows, 3, height, width] : [rows, height, width, 3]
    const answer = await session
      .run({ [input.name]: new Tensor('float32', data, dims) }, fetches)
      .catch((error: unknown) => {
        throw new FoveaError(
          'MODEL_MISMATCH',
          `Model ${name} does not take ${dims.join(' × ')} as ${input.name}: ${firstLine(error)}`,
          { hint: 'Correct input.size and input.layout of its card.', cause: error },
        )
      })
    return readOutputs(name, answer, rows)
  }
  const answerBatch = async (pictures: readonly PreparedPicture[], rows: number): Promise<Prediction[]> => {
    const outputs = await run(pictures, rows)
    return pictures.map(({ widthPx, heightPx }, row) =>
      readAnswer(card, classes, outputs, row, {
        widthPx,
        heightPx,
        placement: measurePlacement({ widthPx, heightPx }, plan),
      }),
    )
  }

  const warmUp = async (): Promise<number> => {
    const grey = new Uint8Array(height * width).fill(127)
    const picture: PreparedPicture = { widthPx: width, heightPx: height, planes: { data: grey, channels: 1 } }
    const declared = signature.inputs.find((each) => each.name === input.name)!.dims[0]!
    if (declared > 0) {
      await answerBatch([picture], declared)
      return declared
    }
    await answerBatch([picture], 1)
    // A network may leave the batch free and still be built for one.
    return answerBatch([picture, picture], 2).then(
      () => rowsOfRun(perPicture, threads),
      () => 1,
    )
  }
  const batch = await warmUp()
  const areRows = takesRows(session)
  const isFixed = signature.inputs.some((each) => each.name === input.name && each.dims[0]! > 0)

  return {
    card,
    classes,
    signature,
    prepare,
    async predict(pictures) {
      const wrong = pictures.find(({ planes }) => planes.data.length !== planes.channels * height * width)
      if (wrong !== undefined)
        throw new FoveaError(
          'INPUT_INVALID',
          `Expected ${wrong.planes.channels} × ${height} × ${width} levels for ${input.name} of model ${name}, got ${wrong.planes.data.length}.`,
          { hint: 'Give what prepare of the same model made.' },
        )
      const answers: Prediction[] = []
      for (let from = 0; from < pictures.length; from += batch) {
        const some = pictures.slice(from, from + batch)
        answers.push(...(await inTurn(() => answerBatch(some, isFixed ? batch : some.length))))
      }
      return answers
    },
    async infer(inputs, outputs, how) {
      const asked = checkOutputNames(signature.outputs, outputs)
      const create = (type: string, data: unknown, dims: readonly number[]): OrtTensor =>
        new Tensor(type as 'float32', data as Float32Array, dims)
      const runOnce = async (some: Readonly<Record<string, TensorValue>>): Promise<Record<string, TensorValue>> => {
        const tensors = makeInputs(create, signature.inputs, some, how?.handedOver === true)
        const answer = await session.run(tensors, asked).catch((error: unknown) => {
          throw new FoveaError('INPUT_INVALID', `Model ${name} does not take these tensors: ${firstLine(error)}`, {
            hint: 'Sizes that the model leaves free may still have to fit each other.',
            cause: error,
          })
        })
        return Object.fromEntries(asked.map((each) => [each, toTensorValue(answer[each]!)]))
      }
      return inTurn(() => (areRows ? inParts(inputs, threads, runOnce) : runOnce(inputs)))
    },
    async close() {
      await inTurn(() => session.release())
    },
  }
}
