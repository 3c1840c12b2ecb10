/** Addresses of objects: `s3://bucket/some/key`. */

export interface S3Place {
  readonly bucket: string;
  /** A key or a prefix; empty for the whole bucket. */
  readonly key: string;
}

/** Read an address; null if it is not one. */
export function parseS3Uri(text: string): S3Place | null {
  const found = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/s.exec(text.trim());
  return found === null ? null : { bucket: found[1] ?? "", key: found[2] ?? "" };
}

export const s3Uri = ({ bucket, key }: S3Place): string => `s3://${bucket}/${key}`;

export const nameOf = (key: string): string => key.replace(/\/$/, "").split("/").at(-1) ?? key;

export const parentOf = (prefix: string): string =>
  prefix.replace(/\/$/, "").split("/").slice(0, -1).map((part) => `${part}/`).join("");

/** Each folder on the way to a prefix: its name, and its own prefix. */
export function foldersOf(prefix: string): readonly { readonly name: string; readonly prefix: string }[] {
  const parts = prefix.split("/").filter((part) => part !== "");
  return parts.map((name, i) => ({ name, prefix: `${parts.slice(0, i + 1).join("/")}/` }));
}

export const isPicture = (key: string): boolean => /\.(jpe?g|png)$/i.test(key);
export const isManifest = (key: string): boolean => /\.(manifest|jsonl)$/i.test(key);
