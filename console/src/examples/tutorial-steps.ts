/** The six tutorials: their steps, when each is done, where it is done, what can be pasted. Pure. */
import { paths } from "../shell/paths.ts";
import {
  brokenProject,
  checkProfile,
  detectByCli,
  detectByPython,
  type Place,
  startModel,
  stopModel,
} from "./tutorial-commands.ts";
import { type DatasetFacts, type Facts, hasModel, type VersionFacts } from "./tutorial-facts.ts";

export interface Step {
  readonly id: string;
  readonly isDone: (facts: Facts) => boolean;
  readonly href?: (facts: Facts) => string;
  readonly commands?: (place: Place) => readonly string[];
}

export interface Tutorial {
  readonly id: string;
  /** How the names of the example's projects begin. */
  readonly example: string | null;
  readonly steps: readonly Step[];
}

const some = (dataset: DatasetFacts | null, has: (facts: DatasetFacts) => boolean): boolean => dataset !== null && has(dataset);
const both = ({ train, test }: Facts, has: (facts: DatasetFacts) => boolean): boolean => some(train, has) && some(test, has);
const hasPictures = ({ images }: DatasetFacts): boolean => images > 0;
const isLabelled = ({ images, labeled }: DatasetFacts): boolean => images > 0 && labeled === images;

/** The newest version that has a model. */
export const modelOf = ({ versions }: Facts): VersionFacts | undefined => versions.find(({ status }) => hasModel(status));
const isTrained = (facts: Facts): boolean => modelOf(facts) !== undefined;
const isRunning = ({ versions }: Facts): boolean => versions.some(({ status }) => status === "RUNNING" || status === "STOPPING" || status === "STARTING");

const within = (to: (project: string) => string) => (facts: Facts): string =>
  facts.project === null ? paths.createProject : to(facts.project);
const onModel = (tab: string) => (facts: Facts): string => {
  const model = modelOf(facts);
  if (facts.project === null || model === undefined) return within(paths.models)(facts);
  return `${paths.model(facts.project, model.name)}${tab}`;
};
const tryIt = (facts: Facts): string => {
  const model = modelOf(facts);
  if (facts.project === null || model === undefined) return paths.tryModel;
  return `${paths.tryModel}?project=${encodeURIComponent(facts.project)}&version=${encodeURIComponent(model.name)}`;
};
const createDatasets = (facts: Facts): string => {
  if (facts.project === null) return paths.createProject;
  if (facts.train === null && facts.test === null) return paths.createDataset(facts.project);
  if (facts.train === null) return paths.createDataset(facts.project, "train");
  return facts.test === null ? paths.createDataset(facts.project, "test") : paths.gallery(facts.project);
};
/** The dataset where something is left to do. */
const label = (left: (facts: DatasetFacts) => boolean) => (facts: Facts): string => {
  if (facts.project === null || (facts.train === null && facts.test === null)) return createDatasets(facts);
  return paths.label(facts.project, some(facts.train, left) || facts.test === null ? "train" : "test");
};

const project: Step = { id: "project", isDone: (facts) => facts.project !== null, href: () => paths.createProject };
const datasets: Step = { id: "datasets", isDone: (facts) => both(facts, hasPictures), href: createDatasets };
const train: Step = { id: "train", isDone: isTrained, href: within(paths.train) };
const start: Step = { id: "start", isDone: (facts) => isTrained(facts) && facts.hasRun, href: onModel("?tab=use") };
const analyze: Step = { id: "analyze", isDone: (facts) => isTrained(facts) && facts.detections > 0, href: tryIt };
const stop: Step = {
  id: "stop",
  isDone: (facts) => isTrained(facts) && facts.hasRun && !isRunning(facts),
  href: onModel("?tab=use"),
};
const use: readonly Step[] = [train, start, analyze, stop];

export const TUTORIALS: readonly Tutorial[] = [
  {
    id: "classify",
    example: "rooms_",
    steps: [
      { id: "collect", isDone: (facts) => facts.hasStoredPictures, href: () => paths.storage() },
      { id: "classes", isDone: (facts) => some(facts.train, ({ labels }) => labels >= 2), href: label(({ labels }) => labels < 2) },
      project,
      datasets,
      {
        id: "labels",
        isDone: (facts) => both(facts, ({ labels }) => labels >= 2),
        href: label(({ labels }) => labels < 2),
      },
      { id: "assign", isDone: (facts) => both(facts, isLabelled), href: label((each) => !isLabelled(each)) },
      ...use,
    ],
  },
  {
    id: "multi",
    example: "flowers_",
    steps: [
      project,
      datasets,
      {
        id: "several",
        isDone: (facts) => some(facts.train, ({ imageLabels, labeled }) => imageLabels > labeled && labeled > 0),
        href: label(({ imageLabels, labeled }) => imageLabels <= labeled),
      },
      { id: "all", isDone: (facts) => both(facts, isLabelled), href: label((each) => !isLabelled(each)) },
      ...use,
    ],
  },
  {
    id: "boxes",
    example: "circuitboard_",
    steps: [
      project,
      datasets,
      { id: "labels", isDone: (facts) => some(facts.train, ({ labels }) => labels >= 1), href: label(({ labels }) => labels < 1) },
      { id: "draw", isDone: (facts) => some(facts.train, ({ boxed }) => boxed > 0), href: within((name) => paths.label(name, "train")) },
      { id: "test", isDone: (facts) => some(facts.test, ({ boxed }) => boxed > 0), href: within((name) => paths.label(name, "test")) },
      ...use,
    ],
  },
  {
    id: "logos",
    example: "logos_",
    steps: [
      project,
      datasets,
      {
        id: "alone",
        isDone: (facts) => some(facts.train, (each) => isLabelled(each) && each.boxed === 0),
        href: within((name) => paths.label(name, "train")),
      },
      {
        id: "scenes",
        isDone: (facts) => some(facts.test, (each) => each.boxed > 0 && each.imageLabels === 0),
        href: within((name) => paths.label(name, "test")),
      },
      ...use,
    ],
  },
  {
    id: "call",
    example: null,
    steps: [
      { ...train, id: "model" },
      { id: "profile", isDone: ({ checks }) => checks > 0, commands: checkProfile },
      { id: "start", isDone: start.isDone, commands: startModel },
      { id: "cli", isDone: analyze.isDone, commands: detectByCli },
      { id: "python", isDone: (facts) => isTrained(facts) && facts.detections > 1, commands: detectByPython },
      { id: "stop", isDone: stop.isDone, commands: stopModel },
    ],
  },
  {
    id: "failed",
    example: "tutorial-failed",
    steps: [
      { id: "break", isDone: ({ versions }) => versions.length > 0, commands: brokenProject },
      { id: "fail", isDone: ({ versions }) => versions.some(({ status }) => status === "TRAINING_FAILED"), href: firstFailed },
      {
        id: "mend",
        isDone: (facts) => some(facts.train, ({ usedLabels, errors }) => usedLabels >= 2 && errors === 0) && facts.versions.length > 0,
        href: within((name) => paths.label(name, "train")),
      },
      {
        id: "again",
        isDone: ({ versions }) => {
          const at = versions.findIndex(({ status }) => status === "TRAINING_FAILED");
          return at > 0;
        },
        href: within(paths.train),
      },
      {
        id: "works",
        isDone: ({ versions }) => {
          const at = versions.findIndex(({ status }) => status === "TRAINING_FAILED");
          return at > 0 && versions.slice(0, at).some(({ status }) => hasModel(status));
        },
        href: onModel(""),
      },
    ],
  },
];

function firstFailed(facts: Facts): string {
  const failed = facts.versions.find(({ status }) => status === "TRAINING_FAILED");
  if (facts.project === null || failed === undefined) return within(paths.models)(facts);
  return paths.model(facts.project, failed.name);
}

export const doneOf = (tutorial: Tutorial, facts: Facts): number => tutorial.steps.filter(({ isDone }) => isDone(facts)).length;

/** The project that a tutorial follows: the one chosen, else the newest of its example, else the newest. */
export function followed(tutorial: Tutorial, names: readonly string[], chosen: string | null): string | null {
  if (chosen !== null && names.includes(chosen)) return chosen;
  const { example } = tutorial;
  const own = example === null ? undefined : names.find((name) => name.startsWith(example));
  // The last one is about a project of its own, which is made in it.
  return own ?? (tutorial.id === "failed" ? null : (names[0] ?? null));
}
