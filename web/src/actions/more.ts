/** Long work for a dataset, with the settings that are asked for first. The rest of each stands below. */
export const moreOperations: readonly { id: string; title: string; fields: readonly string[] }[] = [
  { id: 'spaces.embed', title: 'Embed', fields: ['query', 'model', 'of'] },
  { id: 'spaces.map', title: 'Map', fields: ['space', 'method'] },
  { id: 'spaces.cluster', title: 'Cluster', fields: ['method', 'k', 'minSize'] },
  { id: 'curation.duplicates', title: 'Find duplicates', fields: ['query', 'by', 'threshold'] },
  { id: 'curation.outliers', title: 'Find outliers', fields: ['limit'] },
  { id: 'curation.score', title: 'Score', fields: ['predictions'] },
  { id: 'curation.autotag', title: 'Auto-tag', fields: ['query', 'min', 'top'] },
  { id: 'curation.select', title: 'Select within a budget', fields: ['query', 'budget', 'strategy', 'tag'] },
  { id: 'versions.commit', title: 'Keep as a version', fields: ['message', 'tag', 'media'] },
  { id: 'versions.diff', title: 'What changed since a version', fields: ['before', 'after'] },
  { id: 'split.assign', title: 'Split without leaks', fields: ['query', 'ratios', 'stratify', 'group'] },
  { id: 'split.leaks', title: 'Find leaks between splits', fields: ['by', 'threshold'] },
]
