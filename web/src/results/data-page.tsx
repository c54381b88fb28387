// Placeholder of a screen.
export default function DataPage() {
  return null;
}
