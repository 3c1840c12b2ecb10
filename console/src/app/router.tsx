import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  type RouteComponent,
} from "@tanstack/react-router";

const NotFound = lazyRouteComponent(() => import("./missing.tsx"), "NotFound");
const Crashed = lazyRouteComponent(() => import("./missing.tsx"), "Crashed");

const root = createRootRoute({
  component: lazyRouteComponent(() => import("./shell.tsx"), "Shell"),
  notFoundComponent: NotFound,
});

const screen = (path: string, component: RouteComponent) =>
  createRoute({ getParentRoute: () => root, path, component });

// One line a screen, each its own chunk.
const routes = [
  screen("/", lazyRouteComponent(() => import("./landing.tsx"), "Landing")),
  screen("/get-started", lazyRouteComponent(() => import("./landing.tsx"), "Landing")),
  screen("/tutorials", lazyRouteComponent(() => import("../examples/tutorials-page.tsx"), "TutorialsPage")),
  screen("/tutorials/$tutorial", lazyRouteComponent(() => import("../examples/tutorial-page.tsx"), "TutorialPage")),
  screen("/examples", lazyRouteComponent(() => import("../examples/examples-page.tsx"), "ExamplesPage")),
  screen("/projects", lazyRouteComponent(() => import("../projects/projects-page.tsx"), "ProjectsPage")),
  screen("/projects/create", lazyRouteComponent(() => import("../projects/create-project-page.tsx"), "CreateProjectPage")),
  screen("/projects/$project", lazyRouteComponent(() => import("../projects/project-page.tsx"), "ProjectPage")),
  screen("/projects/$project/datasets", lazyRouteComponent(() => import("../datasets/gallery-page.tsx"), "GalleryPage")),
  screen("/projects/$project/datasets/create", lazyRouteComponent(() => import("../datasets/create-dataset-page.tsx"), "CreateDatasetPage")),
  screen("/projects/$project/health", lazyRouteComponent(() => import("../datasets/health-page.tsx"), "HealthPage")),
  screen("/projects/$project/label/$kind", lazyRouteComponent(() => import("../labelling/labelling-page.tsx"), "LabellingPage")),
  screen("/projects/$project/train", lazyRouteComponent(() => import("../training/train-page.tsx"), "TrainPage")),
  screen("/projects/$project/models", lazyRouteComponent(() => import("../projects/models-page.tsx"), "ModelsPage")),
  screen("/projects/$project/models/$version", lazyRouteComponent(() => import("./model-page.tsx"), "ModelPage")),
  screen("/projects/$project/models/$version/performance", lazyRouteComponent(() => import("../evaluation/performance-page.tsx"), "PerformancePage")),
  screen("/projects/$project/models/$version/manage-tags", lazyRouteComponent(() => import("../serving/tags-page.tsx"), "TagsPage")),
  screen("/datasets", lazyRouteComponent(() => import("../datasets/datasets-page.tsx"), "DatasetsPage")),
  screen("/try", lazyRouteComponent(() => import("../serving/try-page.tsx"), "TryPage")),
  screen("/feedback", lazyRouteComponent(() => import("../review/feedback-page.tsx"), "FeedbackPage")),
  screen("/feedback/start", lazyRouteComponent(() => import("../review/start-page.tsx"), "StartReviewPage")),
  screen("/feedback/reviews/$review", lazyRouteComponent(() => import("./review-run.tsx"), "ReviewRun")),
  screen("/storage", lazyRouteComponent(() => import("../storage/storage-page.tsx"), "StoragePage")),
];

/** Searches stay plain: one string a name, or a list where a name comes twice. */
function parseSearch(text: string): Record<string, string | string[]> {
  const search = new URLSearchParams(text);
  const values: Record<string, string | string[]> = {};
  for (const name of new Set(search.keys())) {
    const all = search.getAll(name);
    values[name] = all.length === 1 ? (all[0] ?? "") : all;
  }
  return values;
}

function stringifySearch(values: Record<string, unknown>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null) search.append(name, String(one));
    }
  }
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}

export const router = createRouter({
  routeTree: root.addChildren(routes),
  parseSearch,
  stringifySearch,
  defaultErrorComponent: Crashed,
  defaultNotFoundComponent: NotFound,
  scrollRestoration: true,
});
