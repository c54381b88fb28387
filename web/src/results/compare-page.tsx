// Placeholder of a screen.
export default function ComparePage({ pipelineId }: { pipelineId: string | null }) {
  return <>{pipelineId}</>;
}
