import { expect, it } from "vitest";
import { BLOCKS, LANGUAGES, snippet } from "./snippets.ts";

const place = {
  arn: "arn:aws:rekognition:us-east-1:000000000000:project/p/version/v/1",
  endpoint: "http://127.0.0.1:7400",
  region: "us-east-1",
  units: 2,
};

it("names the model and this server in every block", () => {
  for (const language of LANGUAGES) {
    for (const block of BLOCKS) {
      const text = snippet(language, block, place);
      expect(text).toContain(place.arn);
      expect(text).toContain(place.endpoint);
      expect(text).not.toContain("undefined");
    }
  }
});

it("quotes the image for a shell, and sends the JSON that the API expects", () => {
  expect(snippet("cli", "analyze", place)).toContain(
    `--image '{"S3Object": {"Bucket": "MY_BUCKET", "Name": "PATH_TO_MY_IMAGE"}}'`,
  );
  const [, body = ""] = /--data-binary '(.*)'$/s.exec(snippet("curl", "start", place)) ?? [];
  expect(JSON.parse(body)).toEqual({ ProjectVersionArn: place.arn, MinInferenceUnits: 2 });
});
