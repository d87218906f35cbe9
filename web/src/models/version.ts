import type { Output } from '../api/client.ts'

export type Version = Output<'registry.list'>['versions'][number]
export type Shown = Output<'registry.show'>
export type Evaluation = Output<'evaluation.show'>
export type Comparison = Output<'evaluation.compare'>

export const stageKinds = { none: 'plain', staging: 'busy', production: 'good', archived: 'plain' } as const

export const nameOf = ({ model, version }: Pick<Version, 'model' | 'version'>): string => `${model}:${version}`
