/** The tutorials, with how far each is (S3). */
import Button from "@cloudscape-design/components/button";
import Cards from "@cloudscape-design/components/cards";
import HelpPanel from "@cloudscape-design/components/help-panel";
import Link from "@cloudscape-design/components/link";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import * as queries from "../api/queries.ts";
import { Page } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { useWords } from "../words/language.ts";
import { useFacts } from "./tutorial-facts.ts";
import { doneOf, followed, type Tutorial, TUTORIALS } from "./tutorial-steps.ts";
import { wordsOf } from "./tutorial-words.ts";

/** The projects, newest first. */
export function useProjectNames(): readonly string[] {
  const { data } = useQuery(queries.projects());
  return (data ?? [])
    .toSorted((a, b) => (b.CreationTimestamp ?? 0) - (a.CreationTimestamp ?? 0))
    .map(({ ProjectArn = "" }) => queries.projectNameOf(ProjectArn));
}

export function TutorialsPage(): ReactNode {
  const { tutorials: t } = useWords();
  return (
    <Page
      title={t.title}
      description={t.lead}
      help={
        <HelpPanel header={<h2>{t.title}</h2>}>
          <p>{t.help}</p>
        </HelpPanel>
      }
    >
      <Cards<Tutorial>
        items={TUTORIALS}
        trackBy="id"
        ariaLabels={{ itemSelectionLabel: () => "", selectionGroupLabel: "" }}
        cardsPerRow={[{ cards: 1 }, { minWidth: 600, cards: 2 }, { minWidth: 1000, cards: 3 }]}
        cardDefinition={{
          header: ({ id }) => (
            <Link href={paths.tutorial(id)} fontSize="heading-m">
              {wordsOf(t, id).title}
            </Link>
          ),
          sections: [
            { id: "lead", content: ({ id }) => wordsOf(t, id).lead },
            { id: "progress", content: (tutorial) => <Progress tutorial={tutorial} /> },
            {
              id: "open",
              content: ({ id }) => (
                <Button href={paths.tutorial(id)} ariaLabel={`${t.open}: ${wordsOf(t, id).title}`} data-testid={`tutorial-${id}`}>
                  {t.open}
                </Button>
              ),
            },
          ],
        }}
      />
    </Page>
  );
}

function Progress({ tutorial }: { readonly tutorial: Tutorial }): ReactNode {
  const { tutorials: t } = useWords();
  const facts = useFacts(followed(tutorial, useProjectNames(), null));
  const total = tutorial.steps.length;
  const done = facts === undefined ? 0 : doneOf(tutorial, facts);
  return (
    <ProgressBar
      value={(100 * done) / total}
      ariaLabel={wordsOf(t, tutorial.id).title}
      description={t.progress(done, total)}
      additionalInfo={wordsOf(t, tutorial.id).time}
    />
  );
}
