// app: the composition root: a workspace on disk, its configuration, the rooms wired together, jobs.
// It owns the registry of operations, the lock's messages, job records and which paths a caller may name.
// It refuses HTTP, terminals, and any knowledge of images or formats. Heavy rooms are loaded when first called.
// Start with app.ts, then registry.ts and jobs.ts.
export { createApp, type App } from './app.ts'
export { type Engine } from './engine.ts'
export { loadConfig } from './config.ts'
export { isNoPath, pathInputsOf } from './confine.ts'
export { createMeter } from './meter.ts'
export { readServerInfo, removeServerInfo, writeServerInfo, type ServerInfo } from './holder.ts'
export { type JobEvent } from './job-store.ts'
export { suggestName } from './nearest.ts'
export { listSpecs, type Spec } from './registry.ts'
export { readUpload, removeUpload, sweepUploads, uploadFolder } from './uploads.ts'
export { readVersion } from './version.ts'
export { findWorkspace, initWorkspace, type Workspace } from './workspace.ts'
