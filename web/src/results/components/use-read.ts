// What the server makes of a source while it is typed; nothing is stored or run.
import { useQuery, keepPreviousData } from "@tanstack/react-query";
import { useDebouncedValue } from "@mantine/hooks";
import { readSource, type SourceRead } from "./packages";

const PAUSE = 500;

export function useRead(
  source: string,
  filename: string,
): { read: SourceRead | null; isLate: boolean } {
  const [settled] = useDebouncedValue(source, PAUSE);
  const { data, isFetching } = useQuery({
    queryKey: ["read", filename, settled],
    queryFn: ({ signal }) => readSource(settled, filename, signal),
    placeholderData: keepPreviousData,
    enabled: settled.trim() !== "",
    gcTime: 60_000,
    staleTime: Infinity,
  });
  return { read: data ?? null, isLate: isFetching || settled !== source };
}
