/** The page: starts a backend, loads the digits, and lets both sections train. */
import { startBackend } from "./backend.ts";
import { loadDigits } from "./data.ts";
import { diffusionSection } from "./diffusion_section.ts";
import { digitsSection } from "./digits_section.ts";
import { find, reasonOf, setText } from "./elements.ts";
import { makeTabs } from "./tabs.ts";

const section = (id: string) => find(document, `#${id}`, HTMLElement);

makeTabs(find(document, "[role=tablist]", HTMLElement));
try {
  const [report, digits] = await Promise.all([startBackend(), loadDigits()]);
  setText(section("backend"), `Backend: ${String(report).replaceAll(/\n\s*/g, "; ")}`);
  section("backend").dataset.backend = report.backend;
  const sections = [
    digitsSection(section("digits"), digits),
    diffusionSection(section("diffusion"), digits.train),
  ];
  for (const each of sections) each.enable();
} catch (error) {
  setText(section("backend"), "No backend");
  setText(section("failure"), reasonOf(error));
  section("failure").hidden = false;
}
