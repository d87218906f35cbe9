// contract: what fovea can do and the shapes it speaks: operation specs, labels, fields, errors.
// It refuses Node, the DOM, and everything but zod. Start with operation.ts; each group of operations is one file.
export * from './change.ts'
export * from './dataset.ts'
export * from './errors.ts'
export * from './fields.ts'
export * from './label.ts'
export * from './operation.ts'
export * from './query.ts'
export * from './shared.ts'
export * from './transfer.ts'
export * from './workspace.ts'
