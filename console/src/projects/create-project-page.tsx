import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Form from "@cloudscape-design/components/form";
import Header from "@cloudscape-design/components/header";
import HelpPanel from "@cloudscape-design/components/help-panel";
import Input, { type InputProps } from "@cloudscape-design/components/input";
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
import { useWords } from "../words/language.ts";

interface Tag {
  readonly key: string;
  readonly value: string;
}

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
      const given = tags.filter(({ key }) => key !== "");
      return call("CreateProject", {
        ProjectName,
        ...(given.length === 0 ? {} : { Tags: Object.fromEntries(given.map((tag) => [tag.key, tag.value])) }),
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
  const change = (index: number, part: Partial<Tag>): void =>
    setTags(tags.map((tag, at) => (at === index ? { ...tag, ...part } : tag)));

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
                <AttributeEditor<Tag>
                  items={tags}
                  empty={t.noTags}
                  addButtonText={t.addTag}
                  removeButtonText={t.removeTag}
                  disableAddButton={tags.length >= 200}
                  onAddButtonClick={() => setTags([...tags, { key: "", value: "" }])}
                  onRemoveButtonClick={({ detail }) =>
                    setTags(tags.filter((_, index) => index !== detail.itemIndex))
                  }
                  definition={[
                    {
                      label: t.key,
                      control: (tag, index) => (
                        <Input value={tag.key} onChange={({ detail }) => change(index, { key: detail.value })} />
                      ),
                    },
                    {
                      label: t.value,
                      control: (tag, index) => (
                        <Input value={tag.value} onChange={({ detail }) => change(index, { value: detail.value })} />
                      ),
                    },
                  ]}
                />
              </ExpandableSection>
              <ErrorAlert error={isAboutName(error) ? null : error} />
            </SpaceBetween>
          </Container>
        </Form>
      </form>
    </Page>
  );
}
