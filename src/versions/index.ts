// versions: what a dataset was, kept for good: commits, their numbers and tags, what differs between them.
// A version is a small JSON file that names Parquet files among the objects, which versions share where the content is the same.
// It refuses SQL (the catalogue writes, reads and compares the tables) and every change of the data itself.
// Start with record.ts (what a commit is), then commit.ts and open.ts.
export { createVersionRoom, type VersionRoom } from './room.ts'
