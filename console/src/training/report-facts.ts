/** The few facts of a training's report that everybody wants; the rest is in its log. */

export type FactName =
  | "device"
  | "budget"
  | "seconds"
  | "labels"
  | "trials"
  | "chosen"
  | "ending"
  | "leftOut"
  | "leftOutSeconds"
  | "cores"
  | "coresUsed"
  | "beside";
export type Fact = readonly [FactName, string | number];

type Members = Readonly<Record<string, unknown>>;

const members = (value: unknown): Members =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Members) : {};

/** Reads whatever layout the report has: members that are missing are left out. */
export function reportFacts(report: Members | null): readonly Fact[] {
  if (report === null) return [];
  const trial = members(members(report["choice"])["trial"]);
  const detector = members(report["detector"]);
  const cut = members(detector["cut"]);
  const machine = members(report["machine"]);
  const trials = report["trials"];
  const chosen = [trial["candidate"], trial["method"]].filter((part) => typeof part === "string");
  const found: readonly (readonly [FactName, unknown])[] = [
    ["seconds", report["seconds"]],
    ["budget", report["budget_seconds"]],
    ["device", report["device"]],
    ["labels", report["labels"]],
    ["trials", Array.isArray(trials) && trials.length > 0 ? trials.length : undefined],
    ["chosen", chosen.length === 0 ? undefined : chosen.join(", ")],
    ["ending", detector["ending"]],
    ["leftOut", cut["iterations"]],
    ["leftOutSeconds", cut["seconds"]],
    ["cores", machine["cores"]],
    ["coresUsed", machine["cores_used"]],
    ["beside", machine["trainings"]],
  ];
  return found.filter(
    (fact): fact is Fact => (typeof fact[1] === "string" && fact[1] !== "") || typeof fact[1] === "number",
  );
}
