import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import HelpPanel from "@cloudscape-design/components/help-panel";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import Tabs from "@cloudscape-design/components/tabs";
import type { ReactNode } from "react";
import { useChangeSearch, useSearch } from "../shell/address.ts";
import { ErrorAlert } from "../shell/error-details.tsx";
import { Empty, Page } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { useWords } from "../words/language.ts";
import { FolderPanel } from "./folder-panel.tsx";
import { isTrained, type Model, titleOf, useModels } from "./models.ts";
import { TryPanel } from "./try-panel.tsx";
import { VideoPanel } from "./video-panel.tsx";

const option = (model: Model) => ({ value: model.arn, label: titleOf(model) });

const TABS = ["pictures", "video", "folder"] as const;

/** Give pictures and videos to running models, and folders to any model. */
export function TryPage(): ReactNode {
  const { serving } = useWords();
  const t = serving.try;
  const search = useSearch();
  const changeSearch = useChangeSearch();
  const { models, error } = useModels();
  const tab = TABS.find((each) => each === search.get("tab")) ?? "pictures";
  const content = (): ReactNode => {
    if (models === null) {
      return error === null ? (
        <Box textAlign="center" padding="xxl">
          <Spinner size="large" />
        </Box>
      ) : null;
    }
    if (tab === "folder") return <FolderPanel models={models} />;
    if (tab === "video") return <WithRunning models={models}>{(chosen) => <VideoPanel model={chosen} />}</WithRunning>;
    return (
      <WithRunning models={models} hasSecond>
        {(chosen, second) => (
          <TryPanel key={`${chosen.arn} ${second?.arn}`} models={second === undefined ? [chosen] : [chosen, second]} />
        )}
      </WithRunning>
    );
  };
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
        <Tabs
          activeTabId={tab}
          onChange={({ detail }) => changeSearch({ tab: detail.activeTabId === "pictures" ? null : detail.activeTabId })}
          tabs={TABS.map((id) => ({ id, label: t.tabs[id], content: id === tab ? content() : null }))}
        />
      </SpaceBetween>
    </Page>
  );
}

/** Choose a running model, and one to compare with; none running: those that can be started. */
function WithRunning(props: {
  readonly models: readonly Model[];
  readonly hasSecond?: boolean;
  readonly children: (model: Model, second: Model | undefined) => ReactNode;
}): ReactNode {
  const { serving } = useWords();
  const t = serving.try;
  const search = useSearch();
  const changeSearch = useChangeSearch();
  const running = props.models.filter(({ status }) => status === "RUNNING");
  const chosen =
    running.find(({ project, name }) => project === search.get("project") && name === search.get("version")) ??
    running[0];
  if (chosen === undefined) return <NoneRunning models={props.models} />;
  const others = running.filter(({ arn }) => arn !== chosen.arn);
  const second = others.find(({ arn }) => arn === search.get("with"));
  const none = { value: "", label: t.noSecond };
  return (
    <SpaceBetween size="l">
      <Container>
        <div className="try-models">
          <FormField label={t.model} stretch>
            <Select
              options={running.map(option)}
              selectedOption={option(chosen)}
              filteringType={running.length > 10 ? "auto" : "none"}
              onChange={({ detail }) => {
                const model = running.find(({ arn }) => arn === detail.selectedOption.value);
                if (model !== undefined) changeSearch({ project: model.project, version: model.name }, { replace: true });
              }}
              data-testid="try-model"
            />
          </FormField>
          {props.hasSecond ? (
            <FormField label={t.second} stretch>
              <Select
                options={[none, ...others.map(option)]}
                selectedOption={second === undefined ? none : option(second)}
                disabled={others.length === 0}
                filteringType={others.length > 10 ? "auto" : "none"}
                onChange={({ detail }) =>
                  changeSearch({ with: detail.selectedOption.value || null }, { replace: true })
                }
                data-testid="try-second"
              />
            </FormField>
          ) : null}
        </div>
      </Container>
      {props.children(chosen, second)}
    </SpaceBetween>
  );
}

function NoneRunning({ models }: { readonly models: readonly Model[] }): ReactNode {
  const { serving } = useWords();
  const t = serving.try;
  return (
    <Empty
      title={t.none}
      detail={t.noneDetail}
      action={
        <SpaceBetween size="xs">
          {models
            .filter(isTrained)
            .slice(0, 5)
            .map((model) => (
              <Button key={model.arn} href={`${paths.model(model.project, model.name)}?tab=use`}>
                {t.goStart(titleOf(model))}
              </Button>
            ))}
        </SpaceBetween>
      }
    />
  );
}
