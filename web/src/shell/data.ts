import { keepPreviousData, QueryClient, useQuery, type UseQueryResult } from '@tanstack/react-query'
import { useEffect } from 'react'
import {
  call,
  fetchFrame,
  isApiError,
  type ApiError,
  type Frame,
  type Input,
  type OperationId,
  type Output,
} from '../api/client.ts'
import { createStore, useStore } from './store.ts'

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      // What the server refuses stays refused; a lost connection is tried again until it is back.
      retry: (_count, error) => isApiError(error) && error.code === 'OFFLINE',
      retryDelay: (count) => Math.min(5_000, 500 * 2 ** count),
      placeholderData: keepPreviousData,
    },
  },
})

/** The answer of a reading operation, kept and made anew when the dataset changes. Keys begin with the operation's id. */
export function useCall<Id extends OperationId>(
  id: Id,
  input: Input<Id>,
  options: { enabled?: boolean } = {},
): UseQueryResult<Output<Id>, ApiError> {
  return useQuery<Output<Id>, ApiError>({
    queryKey: [id, input],
    queryFn: ({ signal }) => call(id, input, signal),
    ...options,
  })
}

/** Every sample of the page's query, in its order. */
export function useFrame(dataset: string | null, query: string): UseQueryResult<Frame, ApiError> {
  return useQuery<Frame, ApiError>({
    queryKey: ['frame', dataset, query],
    queryFn: ({ signal }) => fetchFrame(dataset!, query, signal),
    enabled: dataset !== null,
    // Large, so only the newest few are kept.
    gcTime: 60_000,
  })
}

/** Whether the server is there: `lost` while the page waits for it to come back. */
const connection = createStore<'open' | 'lost'>('open')
export const useConnection = (): 'open' | 'lost' => useStore(connection)

const settleMs = 250

/** Follows changes by anyone, this page's own included, and makes anew what shows the dataset. Reconnects by itself. */
export function useLiveChanges(): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const refresh = (): void => {
      // Several changes in a row, as an import makes them, refresh once.
      timer ??= setTimeout(() => {
        timer = undefined
        void queryClient.invalidateQueries()
      }, settleMs)
    }
    const stream = new EventSource('/view/events')
    stream.addEventListener('change', refresh)
    stream.addEventListener('open', () => {
      // What was read before may have changed since, with nobody to tell.
      if (connection.get() === 'lost') refresh()
      else void queryClient.invalidateQueries({ predicate: ({ state }) => state.dataUpdatedAt > 0 })
      connection.set('open')
    })
    stream.addEventListener('error', () => connection.set('lost'))
    return () => {
      clearTimeout(timer)
      stream.close()
    }
  }, [])
}
