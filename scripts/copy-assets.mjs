// Copies what the program reads beside its code (weights, cards, tables, licences) from src to dist.
import { cpSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const folders = ['models/builtin', 'models/concepts', 'training/torch/script', 'release/bundle/script']
for (const folder of folders) {
  for (const name of readdirSync(join('src', folder))) {
    if (!name.endsWith('.ts') && name !== '__pycache__')
      cpSync(join('src', folder, name), join('dist', folder, name), { recursive: true })
  }
}
