// Numbers and sizes as people read them, in the language of the page.
import i18next from "i18next";

const locale = () => (i18next.language === "zh" ? "zh-CN" : "en-US");

/** A whole number with separators: 24,000. */
export function formatCount(value: number): string {
  return Math.round(value).toLocaleString(locale());
}

/** A number of about four digits; very small and very large ones in scientific notation. */
export function formatNumber(value: number | null | undefined, digits = 4): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  if (Number.isInteger(value) && Math.abs(value) < 1e9) return value.toLocaleString(locale());
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e9) return value.toExponential(digits - 2);
  return value.toLocaleString(locale(), {
    maximumFractionDigits: Math.max(0, digits - Math.max(0, Math.floor(Math.log10(size)) + 1)),
  });
}

/** A number with a fixed count of decimals, for columns that are compared: 0.8166. */
export function formatFixed(value: number | null | undefined, decimals = 4): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  return value.toLocaleString(locale(), {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
}

/** A share of one as a percentage; what is not zero is never shown as zero. */
export function formatShare(share: number | null | undefined): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return "–";
  const percent = share * 100;
  if (percent > 0 && percent < 0.1) return "<0.1%";
  if (percent < 100 && percent > 99.9) return ">99.9%";
  const decimals = percent < 10 && percent > 0 ? 1 : percent % 1 === 0 ? 0 : 1;
  return `${formatFixed(percent, decimals)}%`;
}

/** A p-value: small ones only as a bound. */
export function formatChance(p: number): string {
  return p < 0.001 ? "p < 0.001" : `p = ${formatFixed(p, p < 0.1 ? 3 : 2)}`;
}

/** With its sign: +0.0123. */
export function formatDifference(value: number, decimals = 4): string {
  const text = formatFixed(Math.abs(value), decimals);
  return `${value < 0 ? "−" : "+"}${text}`;
}

const UNITS = ["B", "KB", "MB", "GB", "TB"];

export function formatBytes(bytes: number): string {
  const power = Math.min(Math.floor(Math.log(Math.max(bytes, 1)) / Math.log(1024)), 4);
  const value = bytes / 1024 ** power;
  return `${formatFixed(value, power && value < 100 ? 1 : 0)} ${UNITS[power]}`;
}

export function formatTime(seconds: number): string {
  return new Date(seconds * 1000).toLocaleString(locale(), {
    dateStyle: "medium",
    timeStyle: "short",
  });
}

/** How long something took: 0.4 s, 38 s, 2 min 5 s. */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${formatFixed(seconds, 1)} s`;
  if (seconds < 100) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
