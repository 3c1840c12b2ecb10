/** The gallery's left panel: pictures by state, pictures by label, with counts. */
import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Link from "@cloudscape-design/components/link";
import { type ReactNode, useState } from "react";
import type { DatasetLabel, ImagesPage } from "../api/lensmith.ts";
import { useChangeSearch } from "../shell/address.ts";
import { useFormat, useWords } from "../words/language.ts";
import { type Filters, isFiltered, type State, toggledLabel, toState } from "./filters.ts";
import { swatch } from "./swatch.ts";

const STATES: readonly State[] = [null, "labeled", "unlabeled", "errors"];
/** From here on the list of labels gets a search field. */
const MANY_LABELS = 8;
/** A dataset may have 250; the first of them are drawn until all are asked for. */
const FEW_LABELS = 20;

function States(props: {
  readonly filters: Filters;
  readonly counts: ImagesPage["counts"] | undefined;
}): ReactNode {
  const { gallery: t } = useWords();
  const format = useFormat();
  const change = useChangeSearch();
  return (
    <ul className="gallery-states">
      {STATES.map((state) => {
        const count = props.counts?.[state ?? "all"];
        return (
          <li key={state ?? "all"}>
            <button
              type="button"
              className="gallery-state"
              aria-pressed={props.filters.state === state}
              data-alarm={(state === "errors" && (count ?? 0) > 0) || undefined}
              data-testid={`state-${state ?? "all"}`}
              onClick={() => change(toState(state))}
            >
              <span>{t.states[state ?? "all"]}</span>
              <span className="gallery-count">{count === undefined ? "–" : format.number(count)}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

export function LabelPanel(props: {
  readonly filters: Filters;
  readonly counts: ImagesPage["counts"] | undefined;
  /** Undefined until they are known. */
  readonly labels: readonly DatasetLabel[] | undefined;
  readonly colours: ReadonlyMap<string, string>;
}): ReactNode {
  const { gallery: t } = useWords();
  const format = useFormat();
  const change = useChangeSearch();
  const [search, setSearch] = useState("");
  const [all, setAll] = useState(false);
  const { filters, colours } = props;
  const labels = props.labels ?? [];
  const wanted = search.trim().toLowerCase();
  const isTicked = ({ name }: DatasetLabel): boolean => filters.labels.includes(name);
  const found = labels.filter(({ name }) => name.toLowerCase().includes(wanted));
  // Those that filter stay in sight.
  const shown =
    found.length <= FEW_LABELS ? found : found.toSorted((a, b) => +isTicked(b) - +isTicked(a));
  return (
    <nav className="gallery-panel" aria-label={t.filters}>
      <States filters={filters} counts={props.counts} />
      <Header variant="h3" counter={props.labels === undefined ? "" : `(${format.number(labels.length)})`}>
        {t.labels}
      </Header>
      {labels.length < MANY_LABELS ? null : (
        <Input
          type="search"
          value={search}
          placeholder={t.findLabels}
          ariaLabel={t.findLabels}
          onChange={({ detail }) => setSearch(detail.value)}
        />
      )}
      {props.labels?.length === 0 ? <Box color="text-body-secondary">{t.noLabels}</Box> : null}
      <fieldset className="gallery-labels" aria-label={t.labels}>
        {shown.slice(0, all ? undefined : FEW_LABELS).map((label) => (
          <label
            key={label.name}
            className="gallery-label swatched"
            style={swatch(colours.get(label.name))}
            title={t.uses(label.images, label.boxes)}
            data-count={format.number(label.images)}
          >
            <input
              type="checkbox"
              checked={filters.labels.includes(label.name)}
              onChange={() => change(toggledLabel(filters.labels, label.name))}
            />
            <span className="gallery-label-name">{label.name}</span>
          </label>
        ))}
      </fieldset>
      {all || shown.length <= FEW_LABELS ? null : (
        <Link onFollow={() => setAll(true)} data-testid="all-labels">
          {t.allLabels(shown.length)}
        </Link>
      )}
      {isFiltered(filters) ? (
        <Link onFollow={() => change({ ...toState(null), label: null, name: null })}>{t.clear}</Link>
      ) : null}
    </nav>
  );
}
