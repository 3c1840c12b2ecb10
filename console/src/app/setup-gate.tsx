import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useState } from "react";
import * as queries from "../api/queries.ts";
import { useGo } from "../shell/address.ts";
import { Page } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { useWords } from "../words/language.ts";

const SetupDialog = lazy(async () => ({ default: (await import("./setup-dialog.tsx")).SetupDialog }));

/** Pages that say what Lensmith is need no bucket. */
const OPEN = new Set<string>([paths.landing, paths.getStarted, paths.tutorials]);

/** First time set up (S1): without the console's bucket its pages are blocked, with the reason. */
export function SetupGate(props: { readonly pathname: string; readonly children: ReactNode }): ReactNode {
  const { session, shell } = useWords();
  const go = useGo();
  const { data, isPending, error } = useQuery(queries.setup());
  const [dismissed, setDismissed] = useState(false);
  const isOpen = OPEN.has(props.pathname);
  // Without an answer the page itself is shown, which says what is wrong.
  if (isPending && error === null && !isOpen) return null;
  if (data === undefined || data.bucket !== null) return props.children;
  const dialog = (entry: "create" | "continue"): ReactNode => (
    <Suspense>
      <SetupDialog
        proposed={data.proposed}
        action={entry}
        onCancel={() => {
          setDismissed(true);
          if (!isOpen) go(paths.landing);
        }}
      />
    </Suspense>
  );
  if (isOpen) {
    return (
      <>
        {props.children}
        {props.pathname === paths.getStarted && !dismissed ? dialog("create") : null}
      </>
    );
  }
  const { setup } = session;
  return (
    <Page title={setup.title} crumb={setup.title}>
      <Container>
        <SpaceBetween size="s">
          <Box variant="h3" tagOverride="h2">
            {setup.blocked}
          </Box>
          <Box color="text-body-secondary">{setup.blockedDetail}</Box>
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="primary" onClick={() => setDismissed(false)}>
              {setup.start}
            </Button>
            <Button href={paths.landing}>{shell.nav.getStarted}</Button>
          </SpaceBetween>
        </SpaceBetween>
      </Container>
      {dismissed ? null : dialog(props.pathname === paths.examples ? "continue" : "create")}
    </Page>
  );
}
