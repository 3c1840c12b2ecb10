import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Form from "@cloudscape-design/components/form";
import Header from "@cloudscape-design/components/header";
import HelpPanel from "@cloudscape-design/components/help-panel";
import type { InputProps } from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useRef, useState } from "react";
import { call } from "../api/http.ts";
import { useGo } from "../shell/address.ts";
import { ErrorAlert } from "../shell/error-details.tsx";
import { notify } from "../shell/notices.ts";
import { Page } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { nameProblem } from "../shell/project-name.ts";
import { isAboutName, ProjectNameField } from "../shell/project-name-field.tsx";
import { type Tag, TagEditor, tagMap } from "../shell/tag-editor.tsx";
import { useWords } from "../words/language.ts";

/** Create a project (S6). */
export function CreateProjectPage(): ReactNode {
  const { projects, shell } = useWords();
  const t = projects.form;
  const go = useGo();
  const client = useQueryClient();
  const input = useRef<InputProps.Ref>(null);
  const [name, setName] = useState("");
  const [tags, setTags] = useState<readonly Tag[]>([]);
  const [submitted, setSubmitted] = useState(false);
  const { mutate, isPending, error, variables } = useMutation({
    mutationFn: (ProjectName: string) => {
      const given = tagMap(tags);
      return call("CreateProject", {
        ProjectName,
        ...(Object.keys(given).length === 0 ? {} : { Tags: given }),
      });
    },
    onSuccess: async (_, created) => {
      await client.invalidateQueries({ queryKey: ["projects"] });
      notify({ type: "success", content: t.created(created) });
      go(paths.project(created));
    },
    onError: (failure) => {
      if (isAboutName(failure)) input.current?.focus();
    },
  });

  return (
    <Page
      title={t.title}
      crumbs={[{ text: projects.title, href: paths.projects }]}
      help={
        <HelpPanel header={<h2>{projects.help.title}</h2>}>
          <p>{projects.help.text}</p>
        </HelpPanel>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setSubmitted(true);
          if (nameProblem(name) === null) mutate(name);
          else input.current?.focus();
        }}
      >
        <Form
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button variant="link" formAction="none" href={paths.projects}>
                {shell.cancel}
              </Button>
              <Button variant="primary" loading={isPending} data-testid="create-project">
                {t.submit}
              </Button>
            </SpaceBetween>
          }
        >
          <Container header={<Header variant="h2">{t.details}</Header>}>
            <SpaceBetween size="l">
              <ProjectNameField
                value={name}
                onChange={(value) => {
                  setSubmitted(false);
                  setName(value);
                }}
                error={error}
                errorName={variables}
                isChecked={submitted}
                inputRef={input}
              />
              <ExpandableSection headerText={t.tags} headerDescription={t.tagsHint}>
                <TagEditor tags={tags} onChange={setTags} />
              </ExpandableSection>
              <ErrorAlert error={isAboutName(error) ? null : error} />
            </SpaceBetween>
          </Container>
        </Form>
      </form>
    </Page>
  );
}
