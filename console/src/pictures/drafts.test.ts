import { describe, expect, it } from "vitest";
import type { DatasetImage, LabelledBox } from "../api/lensmith.ts";
import { type Action, changeOf, conflicts, type Drafts, NO_DRAFTS, reduce, unsaved } from "./drafts.ts";
import { contentOf, type Labels, withImageLabel } from "./labels.ts";

const gear: LabelledBox = { label: "gear", left: 1, top: 2, width: 30, height: 40 };
const image = (name: string, revision = "r1", more: Partial<DatasetImage> = {}): DatasetImage => ({
  source_ref: `s3://b/${name}`,
  bucket: "b",
  key: name,
  name,
  width: 640,
  height: 480,
  image_labels: [],
  boxes: [],
  nothing_here: false,
  errors: [],
  revision,
  ...more,
});

const run = (state: Drafts, ...actions: Action[]): Drafts => actions.reduce(reduce, state);
const key = "s3://b/a.jpg";
const labelsAt = (state: Drafts, at = key): Labels => {
  const draft = state.byKey.get(at);
  if (draft === undefined) throw new Error(at);
  return draft.labels;
};
const assign = (state: Drafts, label: string, ...names: string[]): Drafts => {
  const keys = names.length === 0 ? [key] : names.map((name) => `s3://b/${name}`);
  return reduce(state, {
    type: "edited",
    kind: "assign",
    press: null,
    changes: new Map(keys.map((one) => [one, withImageLabel(labelsAt(state, one), label)])),
  });
};
const send = (state: Drafts, requestId: string): Drafts =>
  reduce(state, {
    type: "sending",
    save: {
      requestId,
      sent: unsaved(state).map((draft) => [draft.image.source_ref, draft.labels]),
      changes: unsaved(state).map(changeOf),
    },
  });
const start = run(NO_DRAFTS, { type: "loaded", images: [image("a.jpg"), image("b.jpg"), image("c.jpg")] });

describe("editing", () => {
  it("assigns to several pictures in one step", () => {
    const eight = assign(start, "kitchen", "a.jpg", "b.jpg");
    expect(unsaved(eight)).toHaveLength(2);
    const back = run(eight, { type: "undone" });
    expect(unsaved(back)).toHaveLength(0);
    expect(unsaved(run(back, { type: "redone" }))).toHaveLength(2);
  });

  it("is saved again when it comes back to what was read", () => {
    const there = assign(start, "kitchen");
    const changes = new Map([[key, { ...labelsAt(there), imageLabels: [] }]]);
    expect(unsaved(run(there, { type: "edited", kind: "assign", press: null, changes }))).toEqual([]);
  });

  it("makes no step of nothing", () => {
    const state = run(start, { type: "edited", kind: "x", press: null, changes: new Map([[key, labelsAt(start)]]) });
    expect(state).toBe(start);
  });

  it("is discarded as a whole", () => {
    const state = run(assign(start, "kitchen", "a.jpg", "c.jpg"), { type: "discarded" });
    expect(unsaved(state)).toEqual([]);
    expect(labelsAt(state).imageLabels).toEqual([]);
  });
});

describe("a picture whose entry says no size", () => {
  it("is saved with the size that was measured, also after it is read again", () => {
    const unknown = image("a.jpg", "r1", { width: null, height: null });
    const state = run(
      NO_DRAFTS,
      { type: "loaded", images: [unknown] },
      { type: "measured", key, size: { width: 640, height: 480 } },
      { type: "loaded", images: [unknown] },
    );
    expect(changeOf(state.byKey.get(key) as never)).toMatchObject({ width: 640, height: 480 });
  });
});

describe("saving", () => {
  it("moves the base and the revision", () => {
    const state = run(send(assign(start, "kitchen"), "q1"), {
      type: "answered",
      requestId: "q1",
      answer: { saved: [{ source_ref: key, revision: "r2" }], conflicts: [], rejected: [] },
    });
    expect([unsaved(state).length, state.byKey.get(key)?.revision, state.saves]).toEqual([0, "r2", []]);
    const undone = run(state, { type: "undone" });
    expect(changeOf(unsaved(undone)[0] as never)).toMatchObject({ revision: "r2", image_labels: [] });
  });

  it("keeps what was edited while the request was under way", () => {
    const sent = send(assign(start, "kitchen"), "q1");
    const state = run(assign(sent, "patio"), {
      type: "answered",
      requestId: "q1",
      answer: { saved: [{ source_ref: key, revision: "r2" }], conflicts: [], rejected: [] },
    });
    expect(unsaved(state)).toHaveLength(1);
    expect(contentOf(labelsAt(state)).image_labels).toEqual(["kitchen", "patio"]);
  });

  it("keeps a request without an answer, for repeating", () => {
    const sent = send(assign(start, "kitchen"), "q1");
    expect(sent.saves.map((save) => save.requestId)).toEqual(["q1"]);
    const answer = { saved: [{ source_ref: key, revision: "r2" }], conflicts: [], rejected: [] };
    const twice = run(sent, { type: "answered", requestId: "q1", answer }, { type: "answered", requestId: "q1", answer });
    expect([unsaved(twice), twice.saves]).toEqual([[], []]);
  });

  it("names what the server rejects, until it is edited", () => {
    const state = run(send(assign(start, "kitchen"), "q1"), {
      type: "answered",
      requestId: "q1",
      answer: { saved: [], conflicts: [], rejected: [{ source_ref: key, code: "ERROR_X" }] },
    });
    expect(state.byKey.get(key)?.rejected).toBe("ERROR_X");
    expect(assign(state, "patio").byKey.get(key)?.rejected).toBeNull();
  });
});

const conflict = (conflicting: DatasetImage | null): Action => ({
  type: "answered",
  requestId: "q1",
  answer: { saved: [], conflicts: [{ source_ref: key, image: conflicting }], rejected: [] },
});

describe("another tab", () => {
  const theirs = image("a.jpg", "r9", { image_labels: ["theirs"] });
  const mine = send(assign(start, "mine"), "q1");
  const told = run(mine, conflict(theirs));

  it("is told, and nothing is overwritten", () => {
    expect(conflicts(told)).toHaveLength(1);
    expect(labelsAt(told).imageLabels).toEqual(["mine"]);
  });

  it("can keep mine, which then saves over the other revision", () => {
    const state = run(told, { type: "resolved", key, choice: "mine" });
    expect(changeOf(unsaved(state)[0] as never)).toMatchObject({ revision: "r9", image_labels: ["mine"] });
  });

  it("can take theirs, and undo that", () => {
    const state = run(told, { type: "resolved", key, choice: "theirs" });
    expect([unsaved(state), labelsAt(state).imageLabels]).toEqual([[], ["theirs"]]);
    expect(labelsAt(run(state, { type: "undone" })).imageLabels).toEqual(["mine"]);
  });

  it("may have removed the entry", () => {
    const gone = run(mine, conflict(null));
    expect(run(gone, { type: "resolved", key, choice: "theirs" }).byKey.has(key)).toBe(false);
    const back = run(gone, { type: "resolved", key, choice: "mine" });
    expect(changeOf(unsaved(back)[0] as never)).toMatchObject({ revision: null, image_labels: ["mine"] });
  });

  it("is no matter where it did the same, or only the revision moved", () => {
    const same = run(mine, conflict(image("a.jpg", "r9", { image_labels: ["mine"] })));
    expect([conflicts(same), unsaved(same)]).toEqual([[], []]);
    const moved = run(mine, conflict(image("a.jpg", "r9")));
    expect([conflicts(moved).length, unsaved(moved)[0]?.revision]).toEqual([0, "r9"]);
  });

  it("is noticed on reading, before saving", () => {
    expect(conflicts(run(assign(start, "mine"), { type: "loaded", images: [theirs] }))).toHaveLength(1);
    const clean = run(start, { type: "loaded", images: [theirs] });
    expect([conflicts(clean), labelsAt(clean).imageLabels]).toEqual([[], ["theirs"]]);
  });

  it("is discarded to theirs", () => {
    const state = run(told, { type: "discarded" });
    expect([labelsAt(state).imageLabels, conflicts(state), unsaved(state)]).toEqual([["theirs"], [], []]);
  });
});

describe("labels and suggestions", () => {
  it("renames a label in drafts and in what undo brings back", () => {
    const boxed = run(NO_DRAFTS, { type: "loaded", images: [image("a.jpg", "r1", { boxes: [gear] })] });
    const state = run(assign(boxed, "gear"), { type: "labelChanged", from: "gear", to: "cog" });
    expect(contentOf(labelsAt(state))).toEqual({
      image_labels: ["cog"],
      boxes: [{ ...gear, label: "cog" }],
      nothing_here: false,
    });
    expect(labelsAt(run(state, { type: "undone" })).boxes[0]?.label).toBe("cog");
    const reread = run(state, { type: "loaded", images: [image("a.jpg", "r2", { boxes: [{ ...gear, label: "cog" }] })] });
    expect([conflicts(reread).length, unsaved(reread)[0]?.revision]).toEqual([0, "r2"]);
  });

  it("lays suggestions beside unlabelled pictures only, and writes none", () => {
    const labelled = assign(start, "kitchen", "b.jpg");
    const one = { version: "v1", uncertainty: 0.5, labels: [{ name: "patio", confidence: 60 }], boxes: [] };
    const state = run(labelled, { type: "suggested", suggestions: new Map([[key, one], ["s3://b/b.jpg", one]]) });
    expect(labelsAt(state).suggested).toBe(one);
    expect(labelsAt(state, "s3://b/b.jpg").suggested).toBeNull();
    expect(unsaved(state)).toHaveLength(1);
  });
});
