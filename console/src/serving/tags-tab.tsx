import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Table from "@cloudscape-design/components/table";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { ProjectVersionDescription } from "../api/rekognition.ts";
import { ErrorAlert } from "../shell/error-details.tsx";
import { Empty } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { useWords } from "../words/language.ts";
import { tagsOf } from "./tags.ts";

/** The tags of a version (S15). */
export function TagsTab(props: {
  readonly project: string;
  readonly name: string;
  readonly version: ProjectVersionDescription;
}): ReactNode {
  const { serving: t, shell } = useWords();
  const { data, error, isPending, refetch } = useQuery(tagsOf(props.version.ProjectVersionArn ?? ""));
  const manage = (
    <Button href={paths.manageTags(props.project, props.name)} data-testid="manage-tags">
      {t.manage}
    </Button>
  );
  if (error !== null) return <ErrorAlert error={error} retry={() => void refetch()} />;
  return (
    <Table
      items={data ?? []}
      trackBy="key"
      loading={isPending}
      loadingText={shell.loading}
      ariaLabels={{ tableLabel: t.tags }}
      header={
        <Header variant="h2" counter={`(${data?.length ?? 0})`} actions={manage}>
          {t.tags}
        </Header>
      }
      columnDefinitions={[
        { id: "key", header: t.key, isRowHeader: true, cell: ({ key }) => key },
        { id: "value", header: t.value, cell: ({ value }) => value },
      ]}
      empty={<Empty title={t.noTags} detail={t.noTagsDetail} />}
    />
  );
}
