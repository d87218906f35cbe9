export function EndpointsView() {
  return <section aria-label="Endpoints" />
}
