// All Chinese texts, one file of the build. English problems are worded by the server itself.
import problems from "./problems-zh.json";

const files = import.meta.glob<object>("/src/*/locales/zh.json", {
  eager: true,
  import: "default",
});

export default { ...files, "/src/problem/": problems };
