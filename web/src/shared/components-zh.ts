// Chinese texts of the built-in components, from the folders of their packages.
export interface ComponentTexts {
  title?: string;
  summary?: string;
  documentation?: string;
  parameters?: Record<string, { title?: string; description?: string }>;
}

const files = import.meta.glob<Record<string, ComponentTexts>>("../../../components/*/zh.json", {
  eager: true,
  import: "default",
});

const texts: Record<string, ComponentTexts> = Object.assign({}, ...Object.values(files));
export default texts;
