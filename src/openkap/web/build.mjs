// Builds styles, islands, fonts and icons into static/built/, with hashed names and a manifest.
// `node src/openkap/web/build.mjs` builds; `--watch` rebuilds on change; `--tests` bundles islands' tests for `node --test`.
import { build, context } from "esbuild";
import { constants, brotliCompressSync, gzipSync } from "node:zlib";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const web = dirname(fileURLToPath(import.meta.url));
const root = resolve(web, "../../..");
const source = resolve(web, "..");
const out = join(web, "static/built");
const outlineIcons = join(root, "node_modules/@tabler/icons/icons/outline");
const compressible = new Set([".css", ".js", ".json"]);

/** Files below `folder` whose names end in one of `endings`. */
function walk(folder, endings) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return path === out ? [] : walk(path, endings);
    return endings.some((ending) => entry.name.endsWith(ending)) ? [path] : [];
  });
}

/** Islands: every .ts directly in islands/, except declarations. */
function entryPoints() {
  const islands = readdirSync(join(web, "islands"))
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
    .map((name) => join(web, "islands", name));
  return [...islands, join(web, "styles/app.css"), join(web, "styles/console.css")];
}

/** Icon names: `{% icon "name" %}` in templates, `icon="name"` in templates and Python, and styles/icons.txt. */
function iconNames() {
  const names = new Set(readFileSync(join(web, "styles/icons.txt"), "utf8").split(/\s+/).filter(Boolean));
  for (const path of walk(source, [".html", ".py", ".txt"])) {
    const text = readFileSync(path, "utf8");
    for (const [, name] of text.matchAll(/(?:\{%\s*icon\s+|\bicon(?:_name)?=)["']([a-z0-9-]+)["']/g)) names.add(name);
  }
  return [...names].sort();
}

/** The drawing inside an icon's <svg>, without the invisible bounding path. */
function drawing(name) {
  const svg = readFileSync(join(outlineIcons, `${name}.svg`), "utf8");
  const inner = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
  return inner.replace(/<path[^>]*d="M0 0h24v24H0z"[^>]*\/>/, "").replace(/\s+/g, " ").trim();
}

function writeIcons() {
  const unknown = iconNames().filter((name) => !existsSync(join(outlineIcons, `${name}.svg`)));
  if (unknown.length) throw new Error(`No such Tabler icon: ${unknown.join(", ")}`);
  writeFileSync(join(out, "icons.json"), JSON.stringify(Object.fromEntries(iconNames().map((n) => [n, drawing(n)]))));
}

/** Maps 'app.css' to 'app-3F2A.css', for the template tags. */
function writeManifest(metafile) {
  const manifest = {};
  for (const [path, output] of Object.entries(metafile.outputs)) {
    if (!output.entryPoint) continue;
    const name = basename(output.entryPoint).replace(/\.ts$/, ".js");
    manifest[name] = relative(out, join(root, path));
  }
  writeFileSync(join(out, "manifest.json.new"), JSON.stringify(manifest, null, 1));
  renameSync(join(out, "manifest.json.new"), join(out, "manifest.json"));
}

function compress() {
  for (const path of walk0(out)) {
    if (!compressible.has(extname(path)) || statSync(path).size < 1024) continue;
    const bytes = readFileSync(path);
    writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
    writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }));
  }
}

function walk0(folder) {
  return readdirSync(folder).map((name) => join(folder, name)).filter((path) => statSync(path).isFile());
}

/** Removes what earlier builds left, keeping what this one wrote and what the pages need meanwhile. */
function removeStale(metafile) {
  const current = new Set(Object.keys(metafile.outputs).map((path) => basename(path)));
  for (const path of walk0(out)) {
    const name = basename(path).replace(/\.(gz|br)$/, "");
    if (!current.has(name) && !["manifest.json", "icons.json"].includes(name)) rmSync(path);
  }
}

const finish = {
  name: "finish",
  setup(builder) {
    builder.onEnd((result) => {
      if (result.errors.length) return;
      writeIcons();
      writeManifest(result.metafile);
      removeStale(result.metafile);
      compress();
    });
  },
};

const options = {
  absWorkingDir: root,
  entryPoints: entryPoints(),
  outdir: out,
  bundle: true,
  minify: true,
  sourcemap: false,
  format: "iife",
  target: ["es2022", "chrome110", "firefox115", "safari16.4"],
  entryNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  loader: { ".woff2": "file", ".woff": "empty" },
  legalComments: "linked",
  metafile: true,
  logLevel: "warning",
  plugins: [finish],
};

async function buildTests() {
  const folder = join(root, "build/islands-tests");
  rmSync(folder, { recursive: true, force: true });
  const tests = walk(join(root, "tests/islands"), [".test.ts"]);
  await build({
    absWorkingDir: root, entryPoints: tests, outdir: folder, bundle: true, platform: "node", format: "esm",
    target: "node20", outExtension: { ".js": ".mjs" }, packages: "external", logLevel: "warning", sourcemap: "inline",
  });
}

mkdirSync(out, { recursive: true });
if (process.argv.includes("--tests")) await buildTests();
else if (process.argv.includes("--watch")) await (await context(options)).watch();
else await build(options);
