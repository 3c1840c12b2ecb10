import type { ReactNode } from "react";
import { Page } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { useWords } from "../words/language.ts";
import { KnownProject } from "../shell/known-project.tsx";
import { ModelsTable } from "./models-table.tsx";

/** The models of a project on a page of their own (S13). */
export function ModelsPage(): ReactNode {
  const { models, projects } = useWords();
  return (
    <KnownProject>
      {(project, name) => (
        <Page
          title={models.title}
          crumbs={[
            { text: projects.title, href: paths.projects },
            { text: name, href: paths.project(name) },
          ]}
          bare
        >
          <ModelsTable projectArn={project.ProjectArn ?? ""} project={name} variant="full-page" />
        </Page>
      )}
    </KnownProject>
  );
}
