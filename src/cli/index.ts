// cli: commands over operations: parsing, the way to the workspace (a server or the files), tables, progress, errors.
// It refuses to do any work itself: every command is an operation of the registry, or a few in a row.
// Nothing heavy is loaded before it is needed. Start with main.ts, run.ts, then program.ts.
export { runCli } from './run.ts'
export { type Terminal } from './terminal.ts'
