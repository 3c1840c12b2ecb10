/** Copy text. Rejects where the browser keeps the clipboard closed, plain http included. */
export async function copyText(text: string): Promise<void> {
  // Outside of secure contexts there is none, whatever its type says.
  const clipboard = navigator.clipboard as Clipboard | undefined;
  if (clipboard === undefined) throw new Error("no clipboard");
  await clipboard.writeText(text);
}
