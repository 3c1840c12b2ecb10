/** Puts pictures of this computer where a review finds them. */
import { putObject, readSetup } from "./lensmith.ts";
import { uuid } from "./uuid.ts";

const AT_ONCE = 3;

export interface Uploaded {
  readonly uri: string;
  readonly failed: number;
}

/** Upload pictures below a new folder of the console's bucket. Raises if none arrives. */
export async function uploadPictures(
  files: readonly File[],
  onProgress: (done: number, total: number) => void,
): Promise<Uploaded> {
  const { bucket, proposed } = await readSetup();
  const target = bucket ?? proposed;
  const prefix = `feedback/uploads/${uuid()}/`;
  const waiting = [...uniqueNames(files)];
  let [done, failed] = [0, 0];
  let error: unknown = null;
  onProgress(0, files.length);
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      try {
        await putObject(target, `${prefix}${next[0]}`, next[1]);
      } catch (caught) {
        error = caught;
        failed += 1;
      }
      done += 1;
      onProgress(done, files.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  if (failed === files.length) throw error;
  return { uri: `s3://${target}/${prefix}`, failed };
}

/** Give files of the same name different ones. */
export function uniqueNames<F extends { readonly name: string }>(files: readonly F[]): readonly (readonly [string, F])[] {
  const taken = new Set<string>();
  return files.map((file) => {
    let name = file.name;
    for (let count = 2; taken.has(name); count += 1) name = file.name.replace(/(\.[^.]*)?$/, `-${count}$1`);
    taken.add(name);
    return [name, file] as const;
  });
}
