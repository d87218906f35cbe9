/** At least one. */
type Some<T> = [T, ...T[]]

interface Answer {
  name: string
  version: number
  classes: Some<{ class: string; score: number }>
  error: { code: string }
  mask: {
    size: number[]
    png: string
    classes: Some<{ class: string; pixels: number; rle: { size: [number, number]; counts: string } }>
  }
  anomaly: { score: number; map: { size: number[]; png: string; data: string } }
}

export interface Version {
  role: string
  model: string
  version: number
  folder: string
  requests: number
  latencyMs: { p50: number }
}

/** What the routes answer; each test looks at its own part. */
export interface Body {
  requestId: string
  code: string
  error: unknown
  key: string
  id: string
  predictions: Some<Answer>
  versions: Some<Version>
  endpoints: { name: string }[]
  model_stats: Some<{ inference_stats: { success: { count: number } } }>
}
