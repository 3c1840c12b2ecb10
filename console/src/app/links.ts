/** Turns clicks on plain links into steps of the router, so that every `href` of the console is one. */
interface Navigates {
  readonly history: { push(href: string): void };
}

/** The address inside the console that a click leads to; null: the browser's to handle. */
export function followed(event: MouseEvent, origin: string): string | null {
  if (event.defaultPrevented || event.button !== 0) return null;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return null;
  const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
  if (!(link instanceof HTMLAnchorElement)) return null;
  if ((link.target !== "" && link.target !== "_self") || link.hasAttribute("download")) return null;
  const url = new URL(link.href);
  if (url.origin !== origin || url.pathname.startsWith("/_lensmith/")) return null;
  if (link.getAttribute("href")?.startsWith("#")) return null;
  return url.pathname + url.search + url.hash;
}

export function followLinks(router: Navigates): () => void {
  const listener = (event: MouseEvent): void => {
    const href = followed(event, location.origin);
    if (href === null) return;
    event.preventDefault();
    router.history.push(href);
  };
  document.addEventListener("click", listener);
  return () => document.removeEventListener("click", listener);
}
