import type { ReactNode } from "react";
import type { Crumb } from "../shell/frame.ts";
import { useWords } from "../words/language.ts";

/** Where this page stands. Cloudscape's BreadcrumbGroup draws every crumb twice (acceptance 64). */
export function Crumbs({ crumbs }: { readonly crumbs: readonly Crumb[] }): ReactNode {
  const { shell: t } = useWords();
  return (
    <nav className="crumbs" aria-label={t.breadcrumbs}>
      <ol>
        {crumbs.map(({ text, href }, i) => (
          <li key={`${href}-${text}`}>
            <a href={href} {...(i === crumbs.length - 1 ? { "aria-current": "page" } : {})}>
              {text}
            </a>
          </li>
        ))}
      </ol>
    </nav>
  );
}
