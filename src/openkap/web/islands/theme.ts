// Runs before the first paint: where nobody chose light or dark, follow the system.
import { applied, choiceOf } from "./lib/theme";

const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");

function apply(): void {
  const theme = applied(choiceOf(root.dataset["themeChoice"]), system.matches);
  root.dataset["bsTheme"] = theme;
  root.dataset["theme"] = theme;
}

apply();
system.addEventListener("change", apply);
