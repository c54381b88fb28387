// All runs.
export default function AllRuns() {
  return null;
}
