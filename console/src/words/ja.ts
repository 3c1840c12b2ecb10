import type { Words } from "./en.ts";
import { datasets } from "./ja/datasets.ts";
import { errors } from "./ja/errors.ts";
import { evaluation } from "./ja/evaluation.ts";
import { examples } from "./ja/examples.ts";
import { gallery } from "./ja/gallery.ts";
import { health } from "./ja/health.ts";
import { labelling } from "./ja/labelling.ts";
import { landing } from "./ja/landing.ts";
import { models } from "./ja/models.ts";
import { projects } from "./ja/projects.ts";
import { review } from "./ja/review.ts";
import { serving } from "./ja/serving.ts";
import { session } from "./ja/session.ts";
import { shell } from "./ja/shell.ts";
import { states } from "./ja/states.ts";
import { storage } from "./ja/storage.ts";
import { training } from "./ja/training.ts";
import { tutorials } from "./ja/tutorials.ts";

export const ja: Words = {
  datasets,
  errors,
  evaluation,
  examples,
  gallery,
  health,
  labelling,
  landing,
  models,
  projects,
  review,
  serving,
  session,
  shell,
  states,
  storage,
  training,
  tutorials,
};
