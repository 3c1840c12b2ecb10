import Button from "@cloudscape-design/components/button";
import Spinner from "@cloudscape-design/components/spinner";
import Box from "@cloudscape-design/components/box";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import * as queries from "../api/queries.ts";
import type { ProjectDescription } from "../api/rekognition.ts";
import { useParam } from "./address.ts";
import { ErrorAlert } from "./error-details.tsx";
import { Empty, Page } from "./page.tsx";
import { paths } from "./paths.ts";
import { useWords } from "../words/language.ts";

/** The project of the address, once it is known; else why not. */
export function KnownProject(props: {
  readonly children: (project: ProjectDescription, name: string) => ReactNode;
}): ReactNode {
  const { projects, shell } = useWords();
  const name = useParam("project");
  const { data, error, refetch } = useQuery(queries.project(name));
  if (data !== undefined && data !== null) return props.children(data, name);
  return (
    <Page title={name} crumbs={[{ text: projects.title, href: paths.projects }]}>
      {error !== null ? (
        <ErrorAlert error={error} retry={() => void refetch()} />
      ) : data === null ? (
        <Empty
          title={shell.notFound}
          detail={shell.notFoundDetail}
          action={<Button href={paths.projects}>{shell.toProjects}</Button>}
        />
      ) : (
        <Box textAlign="center" padding="xxl">
          <Spinner size="large" />
        </Box>
      )}
    </Page>
  );
}
