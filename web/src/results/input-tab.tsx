// Placeholder of a dock tab.
import type { DockProps } from "../model/dock";

export default function InputTab({ node }: DockProps) {
  return <>{node}</>;
}
