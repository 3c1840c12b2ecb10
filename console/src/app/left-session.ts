/** A session that was left while the server was away: it lives there until it expires. */
let until: string | null = null;

/** Remember it, or with null that there is none. */
export function leaveBehind(expiresAt: string | null): void {
  until = expiresAt;
}

/** When the session that was left behind expires; null if there is none. */
export const leftUntil = (): string | null => until;
