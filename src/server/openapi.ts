import { z } from 'zod'
import { errorCatalogue, jobSchema, type ErrorCode } from '#contract'
import type { Spec } from '#app'
import { readVersion } from '#app'

type Json = Record<string, unknown>

/** OpenAPI 3.1 of every operation and of the routes beside them. */
export function describeApi(specs: ReadonlyMap<string, Spec>): Json {
  const paths: Json = {}
  for (const spec of specs.values()) paths[`/api/${spec.id}`] = { post: describeOperation(spec) }
  Object.assign(paths, otherPaths)
  return {
    openapi: '3.1.0',
    info: {
      title: 'fovea',
      version: readVersion(),
      description: 'Operations over the computer-vision datasets of one workspace.',
    },
    servers: [{ url: '/' }],
    security: [{}, { token: [] }],
    tags: [...new Set([...specs.keys()].map((id) => id.split('.')[0]!))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: {
        Job: toJsonSchema(jobSchema, 'output'),
        Error: {
          type: 'object',
          required: ['code', 'message'],
          properties: {
            code: { type: 'string', enum: Object.keys(errorCatalogue) },
            message: { type: 'string', description: 'What was expected and what came' },
            hint: { type: 'string', description: 'What to do about it' },
            details: { description: 'Machine-readable evidence' },
          },
        },
      },
    },
  }
}

function describeOperation(spec: Spec): Json {
  const output = json(toJsonSchema(spec.output, 'output'))
  return {
    operationId: spec.id,
    tags: [spec.id.split('.')[0]],
    summary: spec.summary,
    'x-effect': spec.effect,
    'x-long': spec.long,
    ...(spec.long
      ? {
          parameters: [
            {
              name: 'wait',
              in: 'query',
              schema: { type: 'string', enum: ['1'] },
              description: 'Answer the result when the job has ended, not the job at once',
            },
          ],
        }
      : {}),
    requestBody: { required: true, content: json(toJsonSchema(spec.input, 'input')) },
    responses: {
      200: { description: spec.long ? 'The result, with wait=1' : 'The result', content: output },
      ...(spec.long
        ? {
            202: {
              description: 'The job that was started',
              content: json({
                type: 'object',
                required: ['job'],
                properties: { job: { $ref: '#/components/schemas/Job' } },
              }),
            },
          }
        : {}),
      ...errorResponses([
        'INPUT_INVALID',
        ...spec.errors,
        'TOKEN_MISSING',
        'TOKEN_WRONG',
        'TOO_MANY_REQUESTS',
        'TOO_LARGE',
        'INTERNAL',
      ]),
    },
  }
}

/** One response for each status, naming the codes that have it. */
function errorResponses(codes: readonly ErrorCode[]): Json {
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of new Set(codes)) {
    const { status } = errorCatalogue[code]
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return Object.fromEntries([...byStatus].map(([status, group]) => [status, errorResponse(group.join(', '))]))
}

function errorResponse(description: string): Json {
  return { description, content: json({ $ref: '#/components/schemas/Error' }) }
}

function json(schema: Json): Json {
  return { 'application/json': { schema } }
}

function toJsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', target: 'draft-2020-12' })
  return rest
}

const parameter = (name: string, description: string): Json => ({
  name,
  in: 'path',
  required: true,
  schema: { type: 'string' },
  description,
})
const binary = (type: string): Json => ({ [type]: { schema: { type: 'string', format: 'binary' } } })

/** Bytes and streams, which are no operations. */
const otherPaths: Json = {
  '/api/jobs/{id}/events': {
    get: {
      operationId: 'jobEvents',
      summary: 'Events of a job as they happen (server-sent events); Last-Event-ID resumes',
      parameters: [
        parameter('id', 'Job'),
        {
          name: 'Last-Event-ID',
          in: 'header',
          schema: { type: 'integer' },
          description: 'Number of the last event seen',
        },
      ],
      responses: {
        200: {
          description: 'Events state, progress and log',
          content: { 'text/event-stream': { schema: { type: 'string' } } },
        },
        404: errorResponse('JOB_NOT_FOUND'),
      },
    },
  },
  '/api/jobs/{id}': {
    delete: {
      operationId: 'deleteJob',
      summary: 'Cancel a running job',
      parameters: [parameter('id', 'Job')],
      responses: {
        200: {
          description: 'The job',
          content: json({ type: 'object', properties: { job: { $ref: '#/components/schemas/Job' } } }),
        },
        404: errorResponse('JOB_NOT_FOUND'),
      },
    },
  },
  '/media/{sample}': {
    get: {
      operationId: 'media',
      summary: 'The bytes of a sample; ranges are answered',
      parameters: [parameter('sample', 'Sample, s_<n>')],
      responses: {
        200: { description: 'The file', content: binary('image/*') },
        206: { description: 'A part of it', content: binary('image/*') },
        404: errorResponse('SAMPLE_NOT_FOUND, MEDIA_MISSING'),
      },
    },
  },
  '/thumb/{sample}': {
    get: {
      operationId: 'thumbnail',
      summary: 'A small JPEG of a sample',
      parameters: [parameter('sample', 'Sample, s_<n>')],
      responses: {
        200: { description: 'JPEG', content: binary('image/jpeg') },
        404: errorResponse('SAMPLE_NOT_FOUND, MEDIA_MISSING'),
      },
    },
  },
  '/upload/{name}/{path}': {
    put: {
      operationId: 'upload',
      summary:
        'Keep the body as a file of an upload, to be imported from the folder that is answered; the import copies the files and removes the upload',
      parameters: [
        parameter('name', 'The upload: 8 to 64 of a-z and 0-9, chosen by the caller'),
        parameter('path', 'Path of the file inside of it, with forward slashes'),
        {
          name: 'modified',
          in: 'query',
          required: false,
          description: 'When the file was last changed where it comes from, ms since 1970',
          schema: { type: 'number', minimum: 0 },
        },
      ],
      requestBody: { required: true, content: binary('application/octet-stream') },
      responses: {
        201: {
          description: 'The file is kept',
          content: json({
            type: 'object',
            required: ['folder', 'path', 'bytes'],
            properties: { folder: { type: 'string' }, path: { type: 'string' }, bytes: { type: 'integer' } },
          }),
        },
        400: errorResponse('INPUT_INVALID'),
        413: errorResponse('TOO_LARGE'),
      },
    },
  },
  '/upload/{name}': {
    delete: {
      operationId: 'removeUpload',
      summary: 'Remove an upload that will not be imported',
      parameters: [parameter('name', 'The upload, as it was named when its files were sent')],
      responses: { 204: { description: 'It is not there' }, 400: errorResponse('INPUT_INVALID') },
    },
  },
  '/api/health': {
    get: {
      operationId: 'health',
      summary: 'Whether the server answers; needs no token',
      responses: {
        200: {
          description: 'It does',
          content: json({
            type: 'object',
            properties: {
              status: { const: 'ok' },
              version: { type: 'string' },
              owner: { type: 'boolean', description: "Whether the token sent is the owner's" },
            },
          }),
        },
      },
    },
  },
}
