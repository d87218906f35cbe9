import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['fovea-source'] },
  ssr: { resolve: { conditions: ['fovea-source'] } },
  test: {
    include: ['src/**/*.test.ts', 'tests/**/*.test.ts', 'fixtures/**/*.test.ts', 'web/src/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
    pool: 'forks',
  },
})
