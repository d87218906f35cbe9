import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['fovea-source'] },
  ssr: { resolve: { conditions: ['fovea-source'] } },
  test: {
    include: ['src/**/*.test.ts', 'tests/**/*.test.ts', 'fixtures/**/*.test.ts', 'web/src/**/*.test.ts'],
    // Bounds for what hangs, not for what is slow: a busy machine takes several times as long.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    maxWorkers: 2,
    pool: 'forks',
  },
})
