import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './shell/App.tsx'
import { queryClient } from './shell/data.ts'
import { listenToKeys } from './shell/keys.ts'
import { startTheme } from './shell/theme.ts'
import './shell/styles.css'

startTheme()
listenToKeys()
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
)
