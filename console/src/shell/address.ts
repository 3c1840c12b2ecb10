/** Where the browser is, and going elsewhere. Links need none of it: a plain `href` is enough. */
import { useLocation, useParams, useRouter } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";

/** A part of the path, such as `project`; raises if the route has none of that name. */
export function useParam(name: "project" | "version" | "kind" | "review" | "tutorial"): string {
  const params: Readonly<Record<string, string | undefined>> = useParams({ strict: false });
  const value = params[name];
  if (value === undefined) throw new Error(`the route has no ${name}`);
  return value;
}

/** What follows `?`: filters, page and selection live there, so that reload and Back keep them. */
export function useSearch(): URLSearchParams {
  const text = useLocation({ select: (location) => location.searchStr });
  return useMemo(() => new URLSearchParams(text), [text]);
}

export type SearchChange = Readonly<Record<string, string | readonly string[] | null>>;

/** Apply a change to a search; null and empty values leave it. */
export function changed(search: URLSearchParams, change: SearchChange): URLSearchParams {
  const next = new URLSearchParams(search);
  for (const [name, value] of Object.entries(change)) {
    next.delete(name);
    for (const one of typeof value === "string" ? [value] : (value ?? [])) {
      if (one !== "") next.append(name, one);
    }
  }
  return next;
}

/** Whether an address that came with another address is a page of a project here. */
export const isConsolePath = (href: string): boolean =>
  /^\/projects\/[^/]/.test(href) && new URL(href, "https://here").origin === "https://here";

/** Go to an address of the console. */
export function useGo(): (href: string, options?: { readonly replace?: boolean }) => void {
  const { history } = useRouter();
  return useCallback(
    (href, options) => {
      if (options?.replace) history.replace(href);
      else history.push(href);
    },
    [history],
  );
}

/** Change the search of the address shown; `replace` leaves no step for Back. */
export function useChangeSearch(): (
  change: SearchChange,
  options?: { readonly replace?: boolean },
) => void {
  const { history } = useRouter();
  return useCallback(
    (change, options) => {
      const { pathname, search } = history.location;
      const text = changed(new URLSearchParams(search), change).toString();
      const href = text === "" ? pathname : `${pathname}?${text}`;
      if (options?.replace) history.replace(href);
      else history.push(href);
    },
    [history],
  );
}
