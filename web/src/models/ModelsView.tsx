export function ModelsView() {
  return <section aria-label="Models" />
}
