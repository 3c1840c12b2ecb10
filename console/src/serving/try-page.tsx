import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import HelpPanel from "@cloudscape-design/components/help-panel";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import { useQueries, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import * as queries from "../api/queries.ts";
import { useChangeSearch, useSearch } from "../shell/address.ts";
import { ErrorAlert } from "../shell/error-details.tsx";
import { Empty, Page } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { useWords } from "../words/language.ts";
import { TryPanel } from "./try-panel.tsx";

interface Model {
  readonly arn: string;
  readonly project: string;
  readonly name: string;
  readonly status: string;
}

const STARTABLE = new Set(["TRAINING_COMPLETED", "STOPPED", "STARTING"]);

/** The models of every project. */
function useModels(): { readonly models: readonly Model[] | null; readonly error: Error | null } {
  const projects = useQuery(queries.projects());
  const each = useQueries({
    queries: (projects.data ?? []).map(({ ProjectArn = "" }) => queries.versions(ProjectArn)),
  });
  const error = projects.error ?? each.find((one) => one.error !== null)?.error ?? null;
  if (projects.data === undefined || each.some((one) => one.isPending)) return { models: null, error };
  const models = each
    .flatMap(({ data }) => data ?? [])
    .map(({ ProjectVersionArn: arn = "", Status: status = "" }) => ({
      arn,
      status,
      project: queries.projectNameOf(arn),
      name: queries.versionNameOf(arn),
    }));
  return { models, error };
}

/** Give pictures to a running model and see what it finds. */
export function TryPage(): ReactNode {
  const { serving } = useWords();
  const t = serving.try;
  const search = useSearch();
  const changeSearch = useChangeSearch();
  const { models, error } = useModels();
  const running = (models ?? []).filter(({ status }) => status === "RUNNING");
  const startable = (models ?? []).filter(({ status }) => STARTABLE.has(status));
  const chosen =
    running.find(({ project, name }) => project === search.get("project") && name === search.get("version")) ??
    running[0];
  return (
    <Page
      title={t.title}
      help={
        <HelpPanel header={<h2>{t.title}</h2>}>
          <p>{t.help}</p>
        </HelpPanel>
      }
      description={t.help}
    >
      <SpaceBetween size="l">
        <ErrorAlert error={error} />
        {models === null && error === null ? (
          <Box textAlign="center" padding="xxl">
            <Spinner size="large" />
          </Box>
        ) : null}
        {models !== null && chosen === undefined ? (
          <Empty
            title={t.none}
            detail={t.noneDetail}
            action={
              <SpaceBetween size="xs">
                {startable.slice(0, 5).map(({ arn, project, name }) => (
                  <Button key={arn} href={`${paths.model(project, name)}?tab=use`}>
                    {t.goStart(`${project} / ${name}`)}
                  </Button>
                ))}
              </SpaceBetween>
            }
          />
        ) : null}
        {chosen === undefined ? null : (
          <>
            <Container>
              <FormField label={t.model}>
                <Select
                  options={running.map(({ arn, project, name }) => ({ value: arn, label: `${project} / ${name}` }))}
                  selectedOption={{ value: chosen.arn, label: `${chosen.project} / ${chosen.name}` }}
                  onChange={({ detail }) => {
                    const model = running.find(({ arn }) => arn === detail.selectedOption.value);
                    if (model !== undefined) changeSearch({ project: model.project, version: model.name }, { replace: true });
                  }}
                  data-testid="try-model"
                />
              </FormField>
            </Container>
            <TryPanel key={chosen.arn} arn={chosen.arn} project={chosen.project} name={chosen.name} />
          </>
        )}
      </SpaceBetween>
    </Page>
  );
}
