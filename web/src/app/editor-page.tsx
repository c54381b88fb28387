// The editor.
export default function EditorPage({
  pipelineId,
  runId,
}: {
  pipelineId: string;
  runId: string | null;
}) {
  return (
    <>
      {pipelineId} {runId}
    </>
  );
}
