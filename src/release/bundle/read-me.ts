import type { BundleTarget } from '#contract'
import type { BundleManifest } from './manifest.ts'

/** The page that a reader of the folder opens first. */
export function describeBundle({
  model,
  target,
  card,
  classes,
  metrics,
  data,
  golden,
  key,
}: Omit<BundleManifest, 'format' | 'madeBy' | 'files'> & { target: BundleTarget; key: string }): string {
  const [height, width] = card.input.size
  const figures = Object.entries(metrics).map(([name, value]) => `| ${name} | ${Number(value.toPrecision(4))} |`)
  return [
    `# ${model}\n`,
    `${card.title === '' ? 'A model' : card.title} for ${card.task}${classes.length > 0 ? `: ${classes.slice(0, 30).join(', ')}${classes.length > 30 ? ', …' : ''}` : ''}. It sees ${width} × ${height} px.\n`,
    ...(card.licence === '' ? [] : [`Licence of the weights: ${card.licence}.\n`]),
    ...(data === null
      ? []
      : [`Learnt from ${data.samples} samples of ${data.dataset} (\`${data.query === '' ? 'all' : data.query}\`).\n`]),
    ...(figures.length === 0
      ? []
      : [`| figure | at the end of the training |\n| --- | --- |\n${figures.join('\n')}\n`]),
    '## Use\n',
    howTo[target](card.weights, card.input.name),
    '## What stands here\n',
    `\`bundle.json\` says it all: the card with how pictures are fitted and how the answer is read, ${golden.pictures.length} golden pictures with their answers, and the SHA-256 of each file. \`signature.json\` is an Ed25519 signature over it, by the key with the SHA-256\n\n    ${key}\n`,
    `Ask its maker for that number, then: \`fovea bundle verify FOLDER --key ${key.slice(0, 8)}…\`${target === 'onnx' ? '' : ' (the code here does the same by itself)'}.\n`,
  ].join('\n')
}

const howTo: Readonly<Record<BundleTarget, (weights: string, input: string) => string>> = {
  onnx: (
    weights,
    input,
  ) => `\`${weights}\` runs in any ONNX Runtime. Its input \`${input}\` is made of a picture as \`bundle.json\` says under \`card.input\`: fit to \`size\`
(height, width) by \`resize\`, then per channel (level × \`scale\` − \`mean\`) ÷ \`std\`, in \`layout\`. \`tensors/\` holds inputs and outputs to hold your own code against:

    python verify.py
`,
  node: () => `Node 20 or later:

    npm install
    npm test                        # tries the bundle out
    node cli.mjs predict photo.jpg  # one line of JSON a picture; --masks FOLDER writes masks as PNG

or in a program:

    import { openBundle } from './index.mjs'
    const bundle = await openBundle(import.meta.dirname)
    const prediction = await bundle.predict('photo.jpg') // a path, or the bytes of a file
`,
  web: () => `Serve the folder by any web server over https (or on localhost) and open it: the page tries itself out and looks at pictures that are
dropped on it; nothing leaves the browser. In a page of your own:

    import { openBundle } from './browser.mjs'
    const bundle = await openBundle(new URL('./', import.meta.url))
    const prediction = await bundle.predict(file) // a File or Blob

\`ort/\` is the WebAssembly build of ONNX Runtime (MIT, https://github.com/microsoft/onnxruntime).
`,
}
