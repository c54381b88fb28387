// Placeholder of a screen.
export default function ComponentsPage() {
  return null;
}
