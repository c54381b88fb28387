// Placeholder of a dock tab.
import type { DockProps } from "../model/dock";

export default function OutputTab({ node }: DockProps) {
  return <>{node}</>;
}
