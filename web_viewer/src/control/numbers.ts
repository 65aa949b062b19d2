/** The show's own numbers as lines for people; what is missing is left out. */

type Tree = Readonly<Record<string, unknown>>;

export function lines(stats: Tree, heard: string, message: string): string[] {
  const number = (...path: string[]): number | null => {
    let value: unknown = stats;
    for (const name of path) value = typeof value === "object" && value !== null ? (value as Tree)[name] : undefined;
    return typeof value === "number" && Number.isFinite(value) ? value : null;
  };
  const told = (label: string, value: number | null, unit: string, digits = 0): string =>
    value === null ? "" : `${label.padEnd(18)}${value.toFixed(digits)}${unit}`;
  return [
    message,
    heard === "" ? "" : `${"hearing".padEnd(18)}${heard}`,
    told("level", number("audio", "level_db"), " dBFS", 1),
    told("lost samples", number("audio", "lost_samples"), ""),
    told("hop, p99", number("processes", "brain", "step_ms_p99"), " ms", 1),
    told("window, p99", number("processes", "brain", "window_ms_p99"), " ms", 1),
    told("sound is late by", number("processes", "brain", "age_ms_p50"), " ms", 1),
    told("score ahead", number("processes", "herald", "score_ahead_beats"), " beats", 1),
    told("viewers", number("clients", "all"), ""),
    told("OSC errors", number("osc", "errors"), ""),
    stats["standby"] === true ? "the stand-in dances" : "",
  ].filter((line) => line !== "");
}
