import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import HelpPanel from "@cloudscape-design/components/help-panel";
import Multiselect from "@cloudscape-design/components/multiselect";
import Pagination from "@cloudscape-design/components/pagination";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import TextFilter from "@cloudscape-design/components/text-filter";
import TokenGroup from "@cloudscape-design/components/token-group";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import * as queries from "../api/queries.ts";
import { type EvaluationReport, listEvaluated } from "../api/versions.ts";
import { labelColours } from "../pictures/label-colours.ts";
import { changed, useChangeSearch, useParam, useSearch } from "../shell/address.ts";
import { ErrorAlert } from "../shell/error-details.tsx";
import { Empty, Page } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { useFormat, useWords } from "../words/language.ts";
import { ResultCard, type Shown } from "./result-card.tsx";
import "./evaluation.css";

const SIZE = 24;
const OUTCOMES = ["true-positive", "false-positive", "false-negative"] as const;
const SHOWN: readonly Shown[] = ["both", "truth", "prediction"];
const FILTERS = ["label", "outcome", "truth", "predicted", "unmatched", "name"] as const;

/** Every test picture with its results (S16). */
export function PerformancePage(): ReactNode {
  const { evaluation: t, models, projects } = useWords();
  const format = useFormat();
  const project = useParam("project");
  const name = useParam("version");
  const search = useSearch();
  const changeSearch = useChangeSearch();
  const report = useQuery(queries.evaluation(project, name));
  const page = Math.max(1, Number(search.get("page")) || 1);
  const shown = SHOWN.find((each) => each === search.get("show")) ?? "both";
  const filter = {
    label: search.getAll("label"),
    outcome: search.getAll("outcome"),
    truth: search.get("truth"),
    predicted: search.get("predicted"),
    unmatched: search.get("unmatched") === "true" ? true : null,
    name: search.get("name") ?? "",
    order: search.get("order") === "manifest" ? "manifest" : "worst",
    offset: (page - 1) * SIZE,
    limit: SIZE,
  };
  const results = useQuery({
    queryKey: ["evaluated", project, name, filter],
    queryFn: ({ signal }) => listEvaluated(project, name, filter, signal),
    placeholderData: keepPreviousData,
  });
  const isFiltered = FILTERS.some((each) => search.has(each));
  const clear = (): void => changeSearch(Object.fromEntries([...FILTERS, "page"].map((each) => [each, null])));
  const colours = labelColours((report.data?.labels ?? []).map(({ label }) => ({ name: label, color: null })));
  const total = results.data?.total ?? 0;
  return (
    <Page
      title={t.performance}
      crumb={t.crumb}
      crumbs={[
        { text: projects.title, href: paths.projects },
        { text: project, href: paths.project(project) },
        { text: models.title, href: paths.models(project) },
        { text: name, href: paths.model(project, name) },
      ]}
      description={t.introText}
      help={
        <HelpPanel header={<h2>{t.performance}</h2>}>
          <p>{t.introText}</p>
          <p>{t.help}</p>
        </HelpPanel>
      }
    >
      <div className="results">
        <Filters report={report.data} />
        <SpaceBetween size="m">
          <div className="results-head">
            <Box variant="h2" data-testid="results-count">
              {t.images} ({results.data === undefined ? "…" : format.number(total)})
            </Box>
            {report.data?.task === "detection" ? (
              <SegmentedControl
                label={t.boxesShown}
                selectedId={shown}
                options={SHOWN.map((id) => ({ id, text: { both: t.both, truth: t.truthIs, prediction: t.prediction }[id] }))}
                onChange={({ detail }) => changeSearch({ show: detail.selectedId }, { replace: true })}
              />
            ) : null}
            {total > SIZE ? (
              <Pagination
                currentPageIndex={page}
                pagesCount={Math.ceil(total / SIZE)}
                onChange={({ detail }) => changeSearch({ page: String(detail.currentPageIndex) })}
              />
            ) : null}
          </div>
          <CellTokens />
          <ErrorAlert error={results.error ?? report.error} retry={() => void results.refetch()} />
          {results.data === undefined && results.error === null ? (
            <Box textAlign="center" padding="xxl">
              <Spinner size="large" />
            </Box>
          ) : null}
          {results.data?.images.length === 0 ? (
            <Empty
              title={t.empty}
              detail={isFiltered ? t.emptyDetail : t.noImages}
              action={isFiltered ? <Button onClick={clear}>{t.clear}</Button> : undefined}
            />
          ) : null}
          <ul className="result-cards" data-busy={results.isPlaceholderData || undefined}>
            {(results.data?.images ?? []).map((image) => (
              <ResultCard
                key={image.source_ref}
                {...{ project, image, colours, shown }}
                back={`${paths.performance(project, name)}?${changed(search, { at: image.source_ref })}`}
                isAimed={search.get("at") === image.source_ref}
              />
            ))}
          </ul>
        </SpaceBetween>
      </div>
    </Page>
  );
}

/** The cell of the confusion matrix that the address names; each part can be taken away. */
function CellTokens(): ReactNode {
  const { evaluation: t } = useWords();
  const search = useSearch();
  const changeSearch = useChangeSearch();
  const [truth, predicted] = [search.get("truth"), search.get("predicted")];
  const isUnmatched = search.get("unmatched") === "true";
  const tokens = [
    ...(truth === null ? [] : [{ id: "truth", label: isUnmatched ? t.pairMissed(truth) : t.cellTruth(truth) }]),
    ...(predicted === null
      ? []
      : [{ id: "predicted", label: isUnmatched ? t.pairBackground(predicted) : t.cellPredicted(predicted) }]),
  ];
  if (tokens.length === 0) return null;
  return (
    <TokenGroup
      items={tokens.map(({ id, label }) => ({ value: id, label, dismissLabel: `${t.clear}: ${label}` }))}
      onDismiss={({ detail }) => changeSearch({ [tokens[detail.itemIndex]?.id ?? ""]: null, unmatched: null, page: null })}
    />
  );
}

function Filters(props: { readonly report: EvaluationReport | undefined }): ReactNode {
  const { evaluation: t } = useWords();
  const search = useSearch();
  const changeSearch = useChangeSearch();
  const chosen = search.getAll("outcome");
  const orders = [
    { value: "worst", label: t.worst },
    { value: "manifest", label: t.manifest },
  ];
  return (
    <div className="results-panel">
      <TextFilter
        filteringText={search.get("name") ?? ""}
        filteringPlaceholder={t.search}
        filteringAriaLabel={t.search}
        onChange={({ detail }) => changeSearch({ name: detail.filteringText, page: null }, { replace: true })}
      />
      <FormField label={t.outcome} stretch>
        <SpaceBetween size="xs">
          {OUTCOMES.map((outcome) => (
            <Checkbox
              key={outcome}
              checked={chosen.includes(outcome)}
              onChange={({ detail }) =>
                changeSearch({
                  outcome: detail.checked ? [...chosen, outcome] : chosen.filter((each) => each !== outcome),
                  page: null,
                })
              }
              data-testid={`outcome-${outcome}`}
            >
              {t.outcomes[outcome]}
            </Checkbox>
          ))}
        </SpaceBetween>
      </FormField>
      <FormField label={t.filterLabel} stretch>
        <Multiselect
          placeholder={t.chooseLabels}
          filteringType="auto"
          options={(props.report?.labels ?? []).map(({ label }) => ({ value: label, label }))}
          selectedOptions={search.getAll("label").map((label) => ({ value: label, label }))}
          onChange={({ detail }) =>
            changeSearch({ label: detail.selectedOptions.map(({ value = "" }) => value), page: null })
          }
          data-testid="result-labels"
        />
      </FormField>
      <FormField label={t.order} stretch>
        <Select
          options={orders}
          selectedOption={orders.find(({ value }) => value === search.get("order")) ?? orders[0] ?? null}
          onChange={({ detail }) => changeSearch({ order: detail.selectedOption.value ?? null, page: null })}
        />
      </FormField>
    </div>
  );
}
