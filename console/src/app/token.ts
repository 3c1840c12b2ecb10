/** The token in `/#token=…` that `lensmith serve` prints: taken out of the address at once. */
export function takeToken(hash: string): string | null {
  return hash.startsWith("#") ? new URLSearchParams(hash.slice(1)).get("token") : null;
}

export function takeTokenFromAddress(): string | null {
  const token = takeToken(location.hash);
  if (token !== null) history.replaceState(history.state, "", location.pathname + location.search);
  return token;
}
