import { useQuery } from '@tanstack/react-query'
import { ApiFailure, isApiError, type ApiError } from '../api/client.ts'
import type { JsonSchema } from './schema-form.ts'

/** An operation as the server describes it. */
export interface OperationInfo {
  id: string
  summary: string
  effect: string
  long: boolean
  schema: JsonSchema
}

interface OpenApi {
  paths: Record<
    string,
    {
      post?: {
        summary?: string
        'x-effect'?: string
        'x-long'?: boolean
        requestBody?: { content?: Record<string, { schema?: JsonSchema & { $ref?: string } }> }
        responses?: Record<string, unknown>
      }
    }
  >
  components?: { schemas?: Record<string, JsonSchema> }
}

/** Every operation of the server, by its own description. Empty until it is read. */
export function useOperations(): { operations: OperationInfo[]; error: ApiError | null } {
  const { data, error } = useQuery<OperationInfo[], ApiError>({
    queryKey: ['openapi'],
    queryFn: async () => readOperations(await fetchDescription()),
    staleTime: 3_600_000,
  })
  return { operations: data ?? none, error }
}

const none: OperationInfo[] = []

async function fetchDescription(): Promise<OpenApi> {
  const answer = await fetch('/api/openapi.json')
  if (answer.ok) return (await answer.json()) as OpenApi
  const told: unknown = await answer.json().catch(() => undefined)
  throw new ApiFailure(isApiError(told) ? told : { code: 'INTERNAL', message: `The server answered ${answer.status}.` })
}

function readOperations({ paths, components }: OpenApi): OperationInfo[] {
  return Object.entries(paths).flatMap(([path, { post }]) => {
    const id = /^\/api\/([a-z-]+\.[a-z-]+)$/.exec(path)?.[1]
    if (id === undefined || post === undefined) return []
    const given = post.requestBody?.content?.['application/json']?.schema ?? {}
    const name = given.$ref?.split('/').at(-1)
    const schema = name === undefined ? given : (components?.schemas?.[name] ?? {})
    return [
      {
        id,
        summary: post.summary ?? id,
        effect: post['x-effect'] ?? 'write',
        long: post['x-long'] ?? '202' in (post.responses ?? {}),
        schema,
      },
    ]
  })
}
