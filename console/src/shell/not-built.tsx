import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { ReactNode } from "react";
import { useWords } from "../words/language.ts";
import { Page } from "./page.tsx";

/** A screen of the sitemap that the console does not have yet: says how to do it meanwhile. */
export function NotBuilt(props: { readonly title: string; readonly command: string }): ReactNode {
  const { shell } = useWords();
  return (
    <Page title={props.title}>
      <Container>
        <SpaceBetween size="s">
          <Box variant="h3" tagOverride="p">
            {shell.notBuilt(props.title)}
          </Box>
          <Box color="text-body-secondary">{shell.notBuiltDetail}</Box>
          <Box variant="code">{props.command}</Box>
        </SpaceBetween>
      </Container>
    </Page>
  );
}
