import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import * as queries from "../api/queries.ts";
import { useGo } from "../shell/address.ts";
import { paths } from "../shell/paths.ts";
import { type Tag, TagEditor } from "../shell/tag-editor.tsx";
import { useWords, type Words } from "../words/language.ts";
import { isVersionName } from "./plan.ts";

export const AUTOMATIC = "automatic";
export type Budget = keyof Words["training"]["budgetOptions"];

export interface Settings {
  readonly name: string;
  readonly tags: readonly Tag[];
  readonly budget: Budget;
  readonly kmsKey: string;
}

const option = (value: string) => ({ value, label: queries.projectNameOf(value), description: value });

/** What a person may decide about a training; each has a default. */
export function SettingsPanel(props: {
  readonly arn: string;
  readonly settings: Settings;
  readonly onChange: (settings: Settings) => void;
  readonly bucket: string | null;
}): ReactNode {
  const { training: t } = useWords();
  const go = useGo();
  const { arn, settings, bucket } = props;
  const projects = useQuery(queries.projects());
  const change = (part: Partial<Settings>): void => props.onChange({ ...settings, ...part });
  const budgets = (Object.keys(t.budgetOptions) as Budget[])
    .toSorted((a, b) => (Number(a) || 0) - (Number(b) || 0))
    .map((value) => ({
      value,
      label: t.budgetOptions[value],
      ...(value === AUTOMATIC ? { description: t.budgetAutomaticHint } : {}),
    }));
  return (
    <Container header={<Header variant="h2">{t.settings}</Header>}>
      <SpaceBetween size="l">
        <FormField label={t.project} description={t.projectHint}>
          <Select
            options={(projects.data ?? []).map(({ ProjectArn = "" }) => option(ProjectArn))}
            selectedOption={option(arn)}
            triggerVariant="option"
            filteringType="auto"
            onChange={({ detail }) => go(paths.train(queries.projectNameOf(detail.selectedOption.value ?? arn)))}
          />
        </FormField>
        <FormField
          label={t.name}
          constraintText={t.nameHint}
          errorText={isVersionName(settings.name) ? "" : t.nameWrong}
        >
          <Input value={settings.name} onChange={({ detail }) => change({ name: detail.value })} />
        </FormField>
        <FormField label={t.budget} description={t.budgetHint}>
          <Select
            options={budgets}
            selectedOption={budgets.find(({ value }) => value === settings.budget) ?? null}
            onChange={({ detail }) => change({ budget: (detail.selectedOption.value ?? AUTOMATIC) as Budget })}
            data-testid="budget"
          />
        </FormField>
        <FormField label={t.output} description={t.outputHint}>
          <Box>{bucket === null ? t.noBucket : <span className="code">{`s3://${bucket}/evaluation/`}</span>}</Box>
        </FormField>
        <ExpandableSection headerText={t.tags} headerDescription={t.tagsHint} data-testid="train-tags">
          <TagEditor tags={settings.tags} onChange={(tags) => change({ tags })} />
        </ExpandableSection>
        <ExpandableSection headerText={t.encryption}>
          <FormField label={t.kms} description={t.kmsHint}>
            <Input
              value={settings.kmsKey}
              placeholder="arn:aws:kms:…"
              onChange={({ detail }) => change({ kmsKey: detail.value.trim() })}
            />
          </FormField>
        </ExpandableSection>
      </SpaceBetween>
    </Container>
  );
}
