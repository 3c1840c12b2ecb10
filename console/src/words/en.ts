import { datasets } from "./en/datasets.ts";
import { errors } from "./en/errors.ts";
import { evaluation } from "./en/evaluation.ts";
import { examples } from "./en/examples.ts";
import { gallery } from "./en/gallery.ts";
import { health } from "./en/health.ts";
import { labelling } from "./en/labelling.ts";
import { landing } from "./en/landing.ts";
import { models } from "./en/models.ts";
import { projects } from "./en/projects.ts";
import { review } from "./en/review.ts";
import { serving } from "./en/serving.ts";
import { session } from "./en/session.ts";
import { shell } from "./en/shell.ts";
import { states } from "./en/states.ts";
import { storage } from "./en/storage.ts";
import { training } from "./en/training.ts";
import { tutorials } from "./en/tutorials.ts";

/** Every text of the console. A section is one file; ja/ has the same keys or does not compile. */
export const en = {
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

export type Words = typeof en;
