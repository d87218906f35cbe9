import type { TaskCard } from '#models'
import { createAnomalyJudge } from './anomalies.ts'
import { createBoxJudge } from './boxes.ts'
import { createClassJudge } from './classes.ts'
import { createMaskJudge } from './masks.ts'
import { createNumberJudge } from './numbers.ts'
import { createSeveralJudge } from './several.ts'
import type { Judge } from './types.ts'

/** From here on a box counts as right or wrong, as evaluation.boxes has it. */
const sureBox = 0.5

/** The judge of a card's task. */
export function createJudge(
  card: TaskCard,
  classes: readonly string[],
  { minScore, normal, samples }: { minScore: number | undefined; normal: readonly string[]; samples: number },
): Judge {
  switch (card.task) {
    case 'classification':
      return createClassJudge(classes)
    case 'multilabel':
      return createSeveralJudge(classes, minScore ?? card.output.threshold)
    case 'regression':
      return createNumberJudge(card.output.names)
    case 'segmentation':
      return createMaskJudge(classes, minScore ?? 0)
    case 'detection':
      return createBoxJudge(classes, minScore ?? sureBox)
    case 'anomaly':
      return createAnomalyJudge(
        card.output.threshold,
        normal.map((name) => name.toLowerCase()),
        samples,
      )
  }
}
