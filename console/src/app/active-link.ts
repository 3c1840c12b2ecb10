import { paths } from "../shell/paths.ts";

/** The project that an address is inside of. */
export function projectIn(pathname: string): string | null {
  const name = /^\/projects\/([^/]+)/.exec(pathname)?.[1];
  return name === undefined || name === "create" ? null : decodeURIComponent(name);
}

/** The link of the navigation that an address belongs to. */
export function activeLink(pathname: string): string {
  const project = projectIn(pathname);
  if (pathname === paths.getStarted) return paths.landing;
  if (pathname.startsWith(paths.feedback)) return paths.feedback;
  if (pathname.startsWith(paths.tutorials)) return paths.tutorials;
  if (project === null) return pathname.startsWith("/projects") ? paths.projects : pathname;
  const rest = pathname.split("/").slice(3).join("/");
  if (rest.startsWith("datasets") || rest.startsWith("label")) return paths.gallery(project);
  if (rest.startsWith("health")) return paths.health(project);
  if (rest.startsWith("models") || rest.startsWith("train")) return paths.models(project);
  return paths.project(project);
}
