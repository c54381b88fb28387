// Where work starts.
export function Home() {
  return null;
}
