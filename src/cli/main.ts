#!/usr/bin/env node
import { helpText, isHelpCall } from './help.ts'

const args = process.argv.slice(2)
if (isHelpCall(args)) {
  // Answered without loading anything else.
  process.stdout.write(helpText())
} else {
  const { runProcess } = await import('./process.ts')
  process.exitCode = await runProcess(args)
}
