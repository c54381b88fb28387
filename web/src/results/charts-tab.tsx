// Placeholder of a dock tab.
import type { DockProps } from "../model/dock";

export default function ChartsTab({ node }: DockProps) {
  return <>{node}</>;
}
