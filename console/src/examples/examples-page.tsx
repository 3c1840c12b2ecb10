import Box from "@cloudscape-design/components/box";
import HelpPanel from "@cloudscape-design/components/help-panel";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useCallback } from "react";
import { EXAMPLES, type ExampleName } from "../api/lensmith.ts";
import { useChangeSearch, useSearch } from "../shell/address.ts";
import { Page } from "../shell/page.tsx";
import { useWords } from "../words/language.ts";
import { ExampleCard } from "./example-card.tsx";
import "./examples.css";

/** Four projects with pictures and labels, one click each (S4). */
export function ExamplesPage(): ReactNode {
  const { examples: t, shell } = useWords();
  const client = useQueryClient();
  const search = useSearch();
  const changeSearch = useChangeSearch();
  const end = useCallback((): void => {
    for (const queryKey of [["projects"], ["datasets"]]) void client.invalidateQueries({ queryKey });
  }, [client]);
  return (
    <Page
      title={shell.nav.examples}
      description={t.lead}
      help={
        <HelpPanel header={<h2>{shell.nav.examples}</h2>}>
          <p>{t.help}</p>
          <p>{t.helpSample}</p>
        </HelpPanel>
      }
    >
      <ul className="example-cards">
        {EXAMPLES.map((name: ExampleName) => (
          <li key={name}>
            <ExampleCard
              name={name}
              task={search.get(name)}
              onTask={(task) => changeSearch({ [name]: task }, { replace: true })}
              onEnd={end}
            />
          </li>
        ))}
      </ul>
      <Box color="text-body-secondary" margin={{ top: "m" }}>
        {t.origin}
      </Box>
    </Page>
  );
}
