// What every unit test starts with.
import { startLanguage } from "./i18n";

await startLanguage("en");
