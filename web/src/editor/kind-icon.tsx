// The icon of a component: by what it is for.
import {
  BrainCircuit,
  ChartLine,
  Combine,
  Database,
  FileCode2,
  Fingerprint,
  Gauge,
  Layers,
  LayoutGrid,
  Network,
  Play,
  Scissors,
  Sigma,
  Sparkles,
  Table2,
  Wand2,
  type LucideIcon,
} from "lucide-react";
import type { Spec } from "../model/document";

const BY_NAME: Record<string, LucideIcon> = {
  read_table: Table2,
  split: Scissors,
  feature_map: Fingerprint,
  encode: LayoutGrid,
  embedding: Layers,
  linear: Sigma,
  fm: Combine,
  dnn: Network,
  train: BrainCircuit,
  predict: Sparkles,
  evaluate: Gauge,
  sql: Database,
};

const BY_CATEGORY: Record<string, LucideIcon> = {
  "Source and target": Table2,
  "Data preprocessing": Wand2,
  "Feature engineering": Fingerprint,
  "CTR model": Network,
  Evaluation: ChartLine,
  Statistics: ChartLine,
  Custom: FileCode2,
};

export function KindIcon({ spec, size = 18 }: { spec: Spec; size?: number }) {
  const Icon = BY_NAME[spec.name] ?? BY_CATEGORY[spec.category] ?? Play;
  const kind = (spec.outputs[0] ?? spec.inputs[0])?.kind ?? "file";
  return <Icon size={size} strokeWidth={1.9} color={`var(--kind-${kind})`} aria-hidden />;
}
