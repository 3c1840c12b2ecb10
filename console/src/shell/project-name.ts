/** The rule of the console for names of projects; the API takes more. */
export type NameProblem =
  | { readonly kind: "empty" }
  | { readonly kind: "too-long"; readonly length: number }
  | { readonly kind: "characters"; readonly characters: readonly string[] };

const LONGEST = 63;
const ALLOWED = /[A-Za-z0-9_-]/;

export function nameProblem(name: string): NameProblem | null {
  if (name === "") return { kind: "empty" };
  const characters = [...new Set([...name].filter((one) => !ALLOWED.test(one)))];
  if (characters.length > 0) return { kind: "characters", characters };
  return name.length > LONGEST ? { kind: "too-long", length: name.length } : null;
}
