// folder: layouts made of folders: plain images, class folders, Hugging Face's image folders with metadata.
// Start with imagefolder.ts.
export { huggingFaceReader } from './hf.ts'
export { imageFolderReader } from './imagefolder.ts'
export { plainFolderReader } from './plain.ts'
export { folderWriter } from './writer.ts'
