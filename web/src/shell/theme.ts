const key = 'fovea-theme'

/** Follows the system until the user chooses. */
export function startTheme(): void {
  const kept = localStorage.getItem(key)
  if (kept === 'light' || kept === 'dark') document.documentElement.dataset['theme'] = kept
}

export function toggleTheme(): void {
  const dark = matchMedia('(prefers-color-scheme: dark)').matches
  const now = document.documentElement.dataset['theme'] ?? (dark ? 'dark' : 'light')
  const next = now === 'dark' ? 'light' : 'dark'
  document.documentElement.dataset['theme'] = next
  localStorage.setItem(key, next)
}
