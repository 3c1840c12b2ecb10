import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { ReactNode } from "react";
import { ErrorAlert } from "../shell/error-details.tsx";
import { Empty, Page } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { useWords } from "../words/language.ts";

export function NotFound(): ReactNode {
  const { shell: t } = useWords();
  return (
    <Page title={t.notFound}>
      <Empty
        title={t.notFound}
        detail={t.notFoundDetail}
        action={<Button href={paths.projects}>{t.toProjects}</Button>}
      />
    </Page>
  );
}

/** A chunk that is no longer there: the server was updated under the page. */
const isOutdated = (error: unknown): boolean =>
  error instanceof TypeError && /import|module/i.test(error.message);

export function Crashed({ error }: { readonly error: unknown }): ReactNode {
  const { shell: t } = useWords();
  return (
    <Page title={t.crashed}>
      <SpaceBetween size="m">
        {isOutdated(error) ? <Box>{t.newVersion}</Box> : null}
        <ErrorAlert error={error} title={t.crashed} />
        <Button onClick={() => location.reload()}>{t.reload}</Button>
      </SpaceBetween>
    </Page>
  );
}
