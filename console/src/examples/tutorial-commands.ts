/** What tutorials have to be pasted into a terminal. Every text runs as it stands. */

export interface Place {
  readonly project: string;
  readonly dataset: string;
  /** Of the newest model. */
  readonly version: string;
  readonly bucket: string;
  /** A picture of the project. */
  readonly sample: { readonly bucket: string; readonly key: string } | null;
}

export const PROFILE = "custom-labels-access";
const tail = `--profile ${PROFILE}`;

/** A word of a shell, quoted where it has to be. */
export const quoted = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

const json = (value: unknown): string => quoted(JSON.stringify(value));

const sampleOf = ({ sample, bucket }: Place): { readonly bucket: string; readonly key: string } =>
  sample ?? { bucket, key: "assets/samples/rooms.jpg" };

const nameOf = (version: string): string => version.split("/version/")[1]?.split("/")[0] ?? "";

export const checkProfile = ({ dataset }: Place): readonly string[] => [
  `lensmith configure
aws rekognition list-dataset-labels ${tail} \\
  --dataset-arn ${quoted(dataset)}`,
];

export const startModel = ({ project, version }: Place): readonly string[] => [
  `aws rekognition start-project-version ${tail} \\
  --project-version-arn ${quoted(version)} \\
  --min-inference-units 1
aws rekognition wait project-version-running ${tail} \\
  --project-arn ${quoted(project)} \\
  --version-names ${quoted(nameOf(version))}`,
];

export const detectByCli = (place: Place): readonly string[] => {
  const { bucket, key } = sampleOf(place);
  const arn = quoted(place.version);
  return [
    `aws s3 cp ${tail} ${quoted(`s3://${bucket}/${key}`)} picture.jpg
aws rekognition detect-custom-labels ${tail} \\
  --project-version-arn ${arn} \\
  --image-bytes fileb://picture.jpg`,
    `aws rekognition detect-custom-labels ${tail} \\
  --project-version-arn ${arn} \\
  --image ${json({ S3Object: { Bucket: bucket, Name: key } })}`,
  ];
};

export const detectByPython = (place: Place): readonly string[] => {
  const { bucket, key } = sampleOf(place);
  return [
    `python3 - <<'EOF'
import boto3

client = boto3.Session(profile_name="${PROFILE}").client("rekognition")
answer = client.detect_custom_labels(
    ProjectVersionArn=${JSON.stringify(place.version)},
    Image={"S3Object": {"Bucket": ${JSON.stringify(bucket)}, "Name": ${JSON.stringify(key)}}},
    MinConfidence=10,
)
for label in answer["CustomLabels"]:
    print(label["Name"], round(label["Confidence"], 1), label.get("Geometry", {}).get("BoundingBox", ""))
EOF`,
  ];
};

export const stopModel = ({ version }: Place): readonly string[] => [
  `aws rekognition stop-project-version ${tail} \\
  --project-version-arn ${quoted(version)}`,
];

const PICTURES = `mkdir -p tutorial-failed
python3 - <<'EOF'
import random, struct, zlib

def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

def picture(colour):
    pixels = bytes(min(255, max(0, c + random.randint(-40, 40))) for _ in range(96 * 96) for c in colour)
    rows = b"".join(b"\\0" + pixels[at : at + 288] for at in range(0, len(pixels), 288))
    head = struct.pack(">IIBBBBB", 96, 96, 8, 2, 0, 0, 0)
    start = b"\\x89PNG\\r\\n\\x1a\\n"
    return start + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")

for name, colour in (("red", (210, 50, 40)), ("blue", (50, 70, 200))):
    for number in range(10):
        with open(f"tutorial-failed/{name}-{number}.png", "wb") as file:
            file.write(picture(colour))
EOF`;

const manifest = (bucket: string): string => `python3 - <<'EOF'
import json, pathlib

with open("tutorial-failed/train.manifest", "w") as file:
    for picture in sorted(pathlib.Path("tutorial-failed").glob("*.png")):
        line = {"source-ref": f"s3://${bucket}/tutorials/failed/{picture.name}", "red": 1}
        line["red-metadata"] = {
            "class-name": "red",  # of the blue ones, too: the mistake
            "confidence": 1,
            "type": "groundtruth/image-classification",
            "job-name": "labeling-job/red",
            "human-annotated": "yes",
            "creation-date": "2026-01-01T00:00:00.000Z",
        }
        file.write(json.dumps(line) + "\\n")
EOF
aws s3 cp ${tail} --recursive tutorial-failed s3://${bucket}/tutorials/failed/`;

const training = (bucket: string): string => `PROJECT=$(aws rekognition create-project ${tail} \\
  --project-name tutorial-failed --query ProjectArn --output text)
DATASET=$(aws rekognition create-dataset ${tail} --project-arn "$PROJECT" --dataset-type TRAIN \\
  --dataset-source ${json({ GroundTruthManifest: { S3Object: { Bucket: bucket, Name: "tutorials/failed/train.manifest" } } })} \\
  --query DatasetArn --output text)
until aws rekognition describe-dataset ${tail} --dataset-arn "$DATASET" | grep CREATE_COMPLETE
do sleep 1; done
aws rekognition create-project-version ${tail} --project-arn "$PROJECT" --version-name first \\
  --output-config ${json({ S3Bucket: bucket, S3KeyPrefix: "tutorials/" })}`;

/** Make a project whose training fails: every picture has the same label. */
export const brokenProject = ({ bucket }: Place): readonly string[] => [PICTURES, manifest(bucket), training(bucket)];
