// server: the HTTP face of an app: operations, job events, media, plain pages, and who may reach them.
// It owns the checks of host, origin, token, rate and body; it refuses to know what any operation does.
// Start with build.ts, then access.ts.
export { startServer, type RunningServer } from './start.ts'
