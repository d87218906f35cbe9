import type { MayReach } from '#base'
import type { DraftProblem, DraftSample, SourceTree } from '#formats'
import { isImagePath } from '#media'

/** Keeps an import to the files that the one who asked may reach. */
export interface Reach {
  /** The tree without texts that links lead out of bounds. */
  confineTree(tree: SourceTree, report: (problem: DraftProblem) => void): Promise<SourceTree>
  /** The sample without masks out of bounds, or null when its image lies there itself; a problem for each. */
  confineSample(draft: DraftSample): Promise<{ draft: DraftSample | null; problems: DraftProblem[] }>
  /** The problem as it stands, or, of a file out of bounds, one that does not speak of what is in it. */
  confineProblem(problem: DraftProblem): Promise<DraftProblem>
}

/** Everything passes when there is no `mayReach`. */
export function createReach(mayReach: MayReach | undefined): Reach {
  if (mayReach === undefined) {
    return {
      confineTree: async (tree) => tree,
      confineSample: async (draft) => ({ draft, problems: [] }),
      confineProblem: async (problem) => problem,
    }
  }
  return {
    async confineTree(tree, report) {
      const files = []
      for (const file of tree.files) {
        // Images are looked at when a sample asks for them.
        if (isImagePath(file.path) || (await mayReach(file.path))) files.push(file)
        // What else lies in the folder of a single file is not the user's concern.
        else if (tree.file === null) report(outside(file.path))
      }
      return { ...tree, files, byRelative: new Map(files.map((file) => [file.relative, file])) }
    },
    async confineSample(draft) {
      if (!(await mayReach(draft.file))) return { draft: null, problems: [outside(draft.file)] }
      const open = []
      const problems = []
      for (const mask of draft.masks ?? []) {
        if (await mayReach(mask.file)) open.push(mask)
        // Under the image, so that the row goes when the image is taken anew.
        else problems.push({ ...outside(mask.file), file: draft.file })
      }
      return { draft: problems.length === 0 ? draft : { ...draft, masks: open }, problems }
    },
    confineProblem: async (problem) => ((await mayReach(problem.file)) ? problem : outside(problem.file)),
  }
}

function outside(file: string): DraftProblem {
  return {
    type: 'problem',
    file,
    code: 'path-outside',
    what: `The source names ${file}, which lies outside the workspace folder and the import roots.`,
    fix: 'Import it with the command line on the machine itself, or add the folder to import.roots in .fovea/config.toml.',
  }
}
