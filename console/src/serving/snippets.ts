/** Code that starts, asks and stops a model, and runs as pasted. */

export type Language = "cli" | "python" | "javascript" | "curl";
export type Block = "start" | "analyze" | "bytes" | "stop";

export interface Place {
  readonly arn: string;
  readonly endpoint: string;
  readonly region: string;
  readonly units: number;
}

export const LANGUAGES: readonly Language[] = ["cli", "python", "javascript", "curl"];
export const BLOCKS: readonly Block[] = ["start", "analyze", "bytes", "stop"];

const S3_IMAGE = '{"S3Object": {"Bucket": "MY_BUCKET", "Name": "PATH_TO_MY_IMAGE"}}';

function cli(block: Block, { arn, endpoint, region, units }: Place): string {
  const tail = `  --endpoint-url ${endpoint} \\\n  --region ${region}`;
  const version = `  --project-version-arn "${arn}" \\\n`;
  const commands: Readonly<Record<Block, string>> = {
    start: `aws rekognition start-project-version \\\n${version}  --min-inference-units ${units} \\\n${tail}`,
    analyze: `aws rekognition detect-custom-labels \\\n${version}  --image '${S3_IMAGE}' \\\n${tail}`,
    bytes: `aws rekognition detect-custom-labels \\\n${version}  --image-bytes fileb://PATH_TO_MY_IMAGE \\\n${tail}`,
    stop: `aws rekognition stop-project-version \\\n${version}${tail}`,
  };
  return commands[block];
}

const detect = (image: string): string =>
  `response = client.detect_custom_labels(ProjectVersionArn=arn, Image=${image})\n` +
  'for label in response["CustomLabels"]:\n' +
  '    print(label["Name"], label["Confidence"], label.get("Geometry"))';

function python(block: Block, { arn, endpoint, region, units }: Place): string {
  const client =
    "import boto3\n\n" +
    `client = boto3.client("rekognition", endpoint_url="${endpoint}", region_name="${region}")\n` +
    `arn = "${arn}"\n`;
  const bodies: Readonly<Record<Block, string>> = {
    start: `client.start_project_version(ProjectVersionArn=arn, MinInferenceUnits=${units})`,
    analyze: detect(S3_IMAGE),
    bytes: `with open("PATH_TO_MY_IMAGE", "rb") as file:\n    picture = file.read()\n${detect('{"Bytes": picture}')}`,
    stop: "client.stop_project_version(ProjectVersionArn=arn)",
  };
  return client + bodies[block];
}

function javascript(block: Block, { arn, endpoint, region, units }: Place): string {
  const commands: Readonly<Record<Block, readonly [command: string, input: string]>> = {
    start: ["StartProjectVersionCommand", `{ ProjectVersionArn: arn, MinInferenceUnits: ${units} }`],
    analyze: [
      "DetectCustomLabelsCommand",
      '{\n  ProjectVersionArn: arn,\n  Image: { S3Object: { Bucket: "MY_BUCKET", Name: "PATH_TO_MY_IMAGE" } },\n}',
    ],
    bytes: [
      "DetectCustomLabelsCommand",
      '{\n  ProjectVersionArn: arn,\n  Image: { Bytes: await readFile("PATH_TO_MY_IMAGE") },\n}',
    ],
    stop: ["StopProjectVersionCommand", "{ ProjectVersionArn: arn }"],
  };
  const [command, input] = commands[block];
  return [
    ...(block === "bytes" ? ['import { readFile } from "node:fs/promises";'] : []),
    `import { RekognitionClient, ${command} } from "@aws-sdk/client-rekognition";`,
    "",
    `const client = new RekognitionClient({ endpoint: "${endpoint}", region: "${region}" });`,
    `const arn = "${arn}";`,
    `const response = await client.send(new ${command}(${input}));`,
    `console.log(${block === "analyze" || block === "bytes" ? "response.CustomLabels" : "response.Status"});`,
  ].join("\n");
}

function curl(block: Block, { arn, endpoint, region, units }: Place): string {
  const send = (operation: string, data: string): string =>
    `curl ${endpoint}/ \\\n` +
    `  --aws-sigv4 "aws:amz:${region}:rekognition" \\\n` +
    '  --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \\\n' +
    '  --header "Content-Type: application/x-amz-json-1.1" \\\n' +
    `  --header "X-Amz-Target: RekognitionService.${operation}" \\\n` +
    `  --data-binary ${data}`;
  const commands: Readonly<Record<Block, string>> = {
    start: send("StartProjectVersion", `'{"ProjectVersionArn": "${arn}", "MinInferenceUnits": ${units}}'`),
    analyze: send("DetectCustomLabels", `'{"ProjectVersionArn": "${arn}", "Image": ${S3_IMAGE}}'`),
    bytes:
      `printf '{"ProjectVersionArn": "${arn}", "Image": {"Bytes": "%s"}}' "$(base64 < PATH_TO_MY_IMAGE | tr -d '\\n')" |\n` +
      send("DetectCustomLabels", "@-"),
    stop: send("StopProjectVersion", `'{"ProjectVersionArn": "${arn}"}'`),
  };
  return commands[block];
}

const WRITERS: Readonly<Record<Language, (block: Block, place: Place) => string>> = {
  cli,
  python,
  javascript,
  curl,
};

export const snippet = (language: Language, block: Block, place: Place): string =>
  WRITERS[language](block, place);
