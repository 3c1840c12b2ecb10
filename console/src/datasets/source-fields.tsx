/** The fields of one dataset: where its pictures come from (S8). */
import Alert from "@cloudscape-design/components/alert";
import Autosuggest from "@cloudscape-design/components/autosuggest";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import FileUpload from "@cloudscape-design/components/file-upload";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import * as queries from "../api/queries.ts";
import { BrowseDialog } from "../shell/browse-dialog.tsx";
import { s3Uri } from "../shell/s3-uri.ts";
import { useFormat, useWords } from "../words/language.ts";
import { BucketPolicyPanel } from "./bucket-policy-panel.tsx";
import { canDivide, OTHER_FORMATS, problemsOf, SOURCE_KINDS, type SourceForm, type SourceKind } from "./import-sources.ts";

interface FieldsProps {
  readonly form: SourceForm;
  readonly onChange: (change: Partial<SourceForm>) => void;
  /** Problems are shown once somebody tried to create. */
  readonly isChecked: boolean;
  /** What the server said of the address. */
  readonly refused: string | null;
  /** Whether the source may fill the other dataset, too. */
  readonly isDivisible: boolean;
}

function S3Field(props: {
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly error: string;
  readonly choose: "folder" | "object";
  readonly onChange: (uri: string) => void;
  readonly testId: string;
}): ReactNode {
  const { shell } = useWords();
  const [isOpen, setOpen] = useState(false);
  return (
    <FormField label={props.label} description={props.hint} errorText={props.error}>
      <div className="s3-field">
        <Input
          value={props.value}
          placeholder="s3://bucket/folder/"
          onChange={({ detail }) => props.onChange(detail.value)}
          data-testid={props.testId}
        />
        <Button formAction="none" onClick={() => setOpen(true)}>
          {shell.browsing.browse}
        </Button>
      </div>
      {isOpen ? (
        <BrowseDialog
          title={props.label}
          choose={props.choose}
          onClose={() => setOpen(false)}
          onChoose={(place) => {
            setOpen(false);
            props.onChange(s3Uri(place));
          }}
        />
      ) : null}
    </FormField>
  );
}

function CopyFields({ form, onChange, isChecked }: FieldsProps): ReactNode {
  const { datasets } = useWords();
  const t = datasets.creating;
  const format = useFormat();
  const all = useQuery(queries.datasets());
  const [typed, setTyped] = useState("");
  const options = (all.data ?? []).map((row) => ({
    value: datasets.nameOf(row.project, datasets.types[row.type]),
    description: `${t.imagesCount(format.number(row.images))} · ${format.date(row.created_at)}`,
    arn: row.arn,
  }));
  return (
    <FormField
      label={t.dataset}
      description={t.datasetHint}
      errorText={isChecked && problemsOf(form).arn ? t.problems.dataset : ""}
    >
      <Autosuggest
        value={typed}
        options={options}
        placeholder={t.findDataset}
        ariaLabel={t.dataset}
        hideEnteredTextOption
        empty={t.noDatasets}
        statusType={all.isPending ? "loading" : "finished"}
        onChange={({ detail }) => {
          setTyped(detail.value);
          onChange({ arn: options.find(({ value }) => value === detail.value)?.arn ?? null });
        }}
      />
    </FormField>
  );
}

function FileField({ form, onChange, accept }: FieldsProps & { readonly accept: string }): ReactNode {
  const { datasets } = useWords();
  const t = datasets.creating;
  return (
    <FormField label={t.file} description={t.fileHint}>
      <FileUpload
        value={form.file === null ? [] : [form.file]}
        accept={accept}
        showFileSize
        onChange={({ detail }) => onChange({ file: detail.value[0] ?? null })}
        i18nStrings={{
          uploadButtonText: () => t.chooseFile,
          dropzoneText: () => t.dropFile,
          removeFileAriaLabel: () => t.removeFile,
          limitShowFewer: "",
          limitShowMore: "",
          errorIconAriaLabel: "",
        }}
      />
    </FormField>
  );
}

function ImportFields(props: FieldsProps): ReactNode {
  const { datasets } = useWords();
  const t = datasets.creating;
  const { form, onChange, isChecked } = props;
  const problems = isChecked ? problemsOf(form) : {};
  const isOther = form.kind === "other";
  const formats = OTHER_FORMATS.map((value) => ({
    value,
    label: t.formats[value].name,
    description: t.formats[value].text,
  }));
  return (
    <SpaceBetween size="m">
      {isOther ? (
        <FormField label={t.format}>
          <Select
            selectedOption={formats.find(({ value }) => value === form.format) ?? null}
            options={formats}
            onChange={({ detail }) =>
              onChange({ format: OTHER_FORMATS.find((one) => one === detail.selectedOption.value) ?? "coco" })
            }
          />
        </FormField>
      ) : null}
      <FileField {...props} accept={isOther ? ".zip,.json,.csv,.xml" : ".manifest,.jsonl,.json"} />
      {form.file === null ? (
        <S3Field
          label={isOther ? t.fileInStore : t.manifest}
          hint={isOther ? t.formats[form.format].hint : t.manifestHint}
          value={form.uri}
          error={problems.uri ? t.problems[problems.uri] : (props.refused ?? "")}
          choose="object"
          onChange={(uri) => onChange({ uri })}
          testId="object-uri"
        />
      ) : (
        <Box color="text-status-error">{props.refused}</Box>
      )}
      {form.file === null ? <BucketPolicyPanel uri={form.uri} /> : null}
      {isOther ? (
        <S3Field
          label={t.images}
          hint={t.imagesHint}
          value={form.images}
          error={problems.images ? t.problems[problems.images] : ""}
          choose="folder"
          onChange={(images) => onChange({ images })}
          testId="images-uri"
        />
      ) : null}
      {props.isDivisible && canDivide(form) ? (
        <Checkbox
          checked={form.withTest}
          description={t.withTestHint}
          onChange={({ detail }) => onChange({ withTest: detail.checked })}
          data-testid="with-test"
        >
          {t.withTest}
        </Checkbox>
      ) : null}
    </SpaceBetween>
  );
}

function FolderFields(props: FieldsProps): ReactNode {
  const { datasets } = useWords();
  const t = datasets.creating;
  const { form, onChange, isChecked } = props;
  const problem = isChecked ? problemsOf(form).uri : undefined;
  return (
    <SpaceBetween size="m">
      <S3Field
        label={t.uri}
        hint={t.uriHint}
        value={form.uri}
        error={problem ? t.problems[problem] : (props.refused ?? "")}
        choose="folder"
        onChange={(uri) => onChange({ uri })}
        testId="s3-uri"
      />
      <BucketPolicyPanel uri={form.uri} />
      <Checkbox
        checked={form.folderLabels}
        description={t.folderLabelsHint}
        onChange={({ detail }) => onChange({ folderLabels: detail.checked })}
      >
        {t.folderLabels}
      </Checkbox>
    </SpaceBetween>
  );
}

export function SourceFields(props: FieldsProps): ReactNode {
  const { datasets } = useWords();
  const t = datasets.creating;
  const { kind } = props.form;
  const fields: Readonly<Record<SourceKind, ReactNode>> = {
    s3: <FolderFields {...props} />,
    upload: <Alert type="info">{t.uploadLater}</Alert>,
    copy: <CopyFields {...props} />,
    "ground-truth": <ImportFields {...props} />,
    other: <ImportFields {...props} />,
  };
  return (
    <SpaceBetween size="l">
      <FormField label={t.importImages} stretch>
        <RadioGroup
          value={kind}
          items={SOURCE_KINDS.map((value) => ({
            value,
            label: t.sources[value].name,
            description: t.sources[value].text,
          }))}
          onChange={({ detail }) =>
            props.onChange({ kind: SOURCE_KINDS.find((one) => one === detail.value) ?? "upload", file: null })
          }
        />
      </FormField>
      {fields[kind]}
    </SpaceBetween>
  );
}
