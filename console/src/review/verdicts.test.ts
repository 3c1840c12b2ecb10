import { describe, expect, it } from "vitest";
import type { ReviewedPicture } from "../api/reviews.ts";
import { answerOf, firstVerdict, labelled, ticked, unlabelled } from "./verdicts.ts";

const picture = (labels: readonly string[], rest: Partial<ReviewedPicture> = {}): ReviewedPicture => ({
  source_ref: "s3://lab/a.jpg",
  bucket: "lab",
  key: "a.jpg",
  name: "a.jpg",
  state: "pending",
  uncertainty: 0.5,
  width: 10,
  height: 10,
  predicted_labels: labels.map((name) => ({ name, confidence: 70 })),
  predicted_boxes: [],
  answer: null,
  code: null,
  ...rest,
});

describe("the verdict of a picture", () => {
  it("begins as right, or skipped where nothing was found", () => {
    expect(firstVerdict(picture(["red"]))).toEqual({ verdict: "verified", labels: ["red"] });
    expect(firstVerdict(picture([])).verdict).toBe("skipped");
    const answer = { image_labels: ["blue"], boxes: [], nothing_here: false };
    expect(firstVerdict(picture(["red"], { state: "corrected", answer })).labels).toEqual(["blue"]);
    expect(firstVerdict(picture(["red"], { state: "rejected" })).verdict).toBe("rejected");
  });

  it("is rejected when it is unticked, and comes back", () => {
    const right = firstVerdict(picture(["red"]));
    expect(ticked(right).verdict).toBe("rejected");
    expect(ticked(ticked(right))).toEqual(right);
    expect(ticked(firstVerdict(picture([]))).verdict).toBe("skipped");
  });

  it("takes one label instead of another, or several", () => {
    const right = firstVerdict(picture(["red"]));
    expect(labelled(ticked(right), "blue", false)).toEqual({ verdict: "verified", labels: ["blue"] });
    expect(labelled(right, "blue", true).labels).toEqual(["red", "blue"]);
    expect(labelled(right, "red", true)).toEqual({ verdict: "rejected", labels: [] });
    expect(unlabelled(labelled(right, "blue", true), "red")).toEqual({ verdict: "verified", labels: ["blue"] });
  });

  it("sends labels only of what is right", () => {
    expect(answerOf("k", { verdict: "verified", labels: ["red"] })).toEqual({
      source_ref: "k",
      verdict: "verified",
      image_labels: ["red"],
    });
    expect(answerOf("k", { verdict: "rejected", labels: ["red"] })).toEqual({ source_ref: "k", verdict: "rejected" });
  });
});
