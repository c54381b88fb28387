// A region that scrolls is reached, and so scrolled, by the keyboard.
export const SCROLLS = { role: "region", tabIndex: 0 } as const;
