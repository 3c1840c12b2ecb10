// Draws marks of simple-icons, black on transparent: node marks.mjs SIDE FOLDER NAME...
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [side, folder, ...names] = process.argv.slice(2);
const require = createRequire(join(process.cwd(), "package.json"));
const { Resvg } = require("@resvg/resvg-js");
const icons = Object.values(require("simple-icons"));
const colours = {};
for (const name of names) {
  const icon = icons.find((each) => each.slug === name);
  const drawn = new Resvg(icon.svg, { fitTo: { mode: "width", value: Number(side) } }).render();
  writeFileSync(join(folder, `${name}.png`), drawn.asPng());
  colours[name] = icon.hex;
}
writeFileSync(join(folder, "colours.json"), JSON.stringify(colours));
