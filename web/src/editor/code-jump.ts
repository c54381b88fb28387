// Where the code of a parameter shall be shown next: an error leads to its line.
import { create } from "zustand";

interface Place {
  field: string;
  line: number;
}

export const useCodeJump = create<{ place: Place | null }>()(() => ({ place: null }));

export const jumpTo = (place: Place): void => useCodeJump.setState({ place });
export const arrived = (): void => useCodeJump.setState({ place: null });
