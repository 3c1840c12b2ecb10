import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import * as queries from "../api/queries.ts";
import { useGo, useParam } from "../shell/address.ts";
import { ErrorAlert } from "../shell/error-details.tsx";
import { KnownProject } from "../shell/known-project.tsx";
import { notify } from "../shell/notices.ts";
import { Page } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { repeatedKeys, type Tag, TagEditor } from "../shell/tag-editor.tsx";
import { useWords } from "../words/language.ts";
import { saveTags, tagChange, tagsOf } from "./tags.ts";

/** Change the tags of a version. */
export function TagsPage(): ReactNode {
  const name = useParam("version");
  return (
    <KnownProject>
      {(project, projectName) => <Tags project={projectName} projectArn={project.ProjectArn ?? ""} name={name} />}
    </KnownProject>
  );
}

function Tags(props: { readonly project: string; readonly projectArn: string; readonly name: string }): ReactNode {
  const { serving: t, models, projects } = useWords();
  const { project, name } = props;
  const version = useQuery(queries.version(props.projectArn, name));
  const arn = version.data?.ProjectVersionArn;
  const tags = useQuery({ ...tagsOf(arn ?? ""), enabled: arn !== undefined });
  const back = `${paths.model(project, name)}?tab=tags`;
  return (
    <Page
      title={t.manage}
      crumbs={[
        { text: projects.title, href: paths.projects },
        { text: project, href: paths.project(project) },
        { text: models.title, href: paths.models(project) },
        { text: name, href: back },
      ]}
    >
      <ErrorAlert error={version.error ?? tags.error} retry={() => void version.refetch()} />
      {arn === undefined || tags.data === undefined ? null : <Editor arn={arn} read={tags.data} back={back} />}
    </Page>
  );
}

function Editor(props: { readonly arn: string; readonly read: readonly Tag[]; readonly back: string }): ReactNode {
  const { serving: t, shell } = useWords();
  const go = useGo();
  const client = useQueryClient();
  const [before] = useState(props.read); // what a later reading brings must not undo typing
  const [tags, setTags] = useState(before);
  const repeated = [...repeatedKeys(tags)];
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => saveTags(props.arn, tagChange(before, tags)),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["tags", props.arn] });
      notify({ type: "success", content: t.saved });
      go(props.back);
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (repeated.length === 0) mutate();
      }}
    >
      <Form
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" formAction="none" href={props.back}>
              {shell.cancel}
            </Button>
            <Button variant="primary" loading={isPending} disabled={repeated.length > 0} data-testid="save-tags">
              {shell.save}
            </Button>
          </SpaceBetween>
        }
      >
        <Container>
          <SpaceBetween size="m">
            <TagEditor tags={tags} onChange={setTags} />
            {repeated.length === 0 ? null : <Alert type="error">{t.repeated(repeated.join(", "))}</Alert>}
            <ErrorAlert error={error} />
          </SpaceBetween>
        </Container>
      </Form>
    </form>
  );
}
