/** What went wrong and what to do about it. */
export function Problem({ error }: { error: { message: string; hint?: string | undefined } | null }) {
  if (error === null) return null
  return (
    <div role="alert">
      <div className="problem">{error.message}</div>
      {error.hint !== undefined && <div className="hint">{error.hint}</div>}
    </div>
  )
}
