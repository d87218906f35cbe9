import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { call, type ApiError, type Input, type OperationId, type Output } from '../api/client.ts'

/**
 * The answer of a reading operation, asked for again every `everyMs` while the page is seen; `everyMs` gets the newest answer and
 * says false to rest.
 */
export function useLive<Id extends OperationId>(
  id: Id,
  input: Input<Id>,
  everyMs: (newest: Output<Id> | undefined) => number | false,
  options: { enabled?: boolean } = {},
): UseQueryResult<Output<Id>, ApiError> {
  return useQuery<Output<Id>, ApiError>({
    queryKey: [id, input],
    queryFn: ({ signal }) => call(id, input, signal),
    refetchInterval: ({ state }) => everyMs(state.data),
    ...options,
  })
}
