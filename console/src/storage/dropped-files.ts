/** Files and whole folders that were dropped, each with its path below the drop. */

export interface DroppedFile {
  readonly file: File;
  readonly path: string;
}

const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((resolve, reject) => entry.file(resolve, reject));

async function childrenOf(entry: FileSystemDirectoryEntry): Promise<readonly FileSystemEntry[]> {
  const reader = entry.createReader();
  const found: FileSystemEntry[] = [];
  for (;;) {
    // A reader returns at most a hundred entries at a time, and none at the end.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return found;
    found.push(...some);
  }
}

/** Read an entry and all below it; hidden files stay out. */
export async function walk(entry: FileSystemEntry, below = ""): Promise<readonly DroppedFile[]> {
  if (entry.name.startsWith(".")) return [];
  const path = below + entry.name;
  if (entry.isFile) return [{ file: await fileOf(entry as FileSystemFileEntry), path }];
  const found: DroppedFile[] = [];
  for (const child of await childrenOf(entry as FileSystemDirectoryEntry)) {
    found.push(...(await walk(child, `${path}/`)));
  }
  return found;
}

/** What a drop brought. The entries must be taken before the event ends. */
export async function droppedFiles(transfer: DataTransfer): Promise<readonly DroppedFile[]> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const found = await Promise.all(entries.map((entry) => walk(entry)));
  return found.flat();
}

/** What a file field brought; folders come with relative paths. */
export const chosenFiles = (files: FileList): readonly DroppedFile[] =>
  [...files].map((file) => ({ file, path: file.webkitRelativePath || file.name }));
