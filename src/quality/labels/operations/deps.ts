import type { Catalog } from '#catalog'
import type { Classifier } from '#vectors'

/** What the operations on labels work with. */
export interface LabelDeps {
  catalog: Catalog
  /** Models of the embeddings; loaded when first asked for. */
  classify: () => Promise<Classifier>
}
