import { useQuery } from '@tanstack/react-query'
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
export function useOperations(): OperationInfo[] {
  const { data } = useQuery({
    queryKey: ['openapi'],
    queryFn: async () => readOperations((await (await fetch('/api/openapi.json')).json()) as OpenApi),
    staleTime: Infinity,
  })
  return data ?? []
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
