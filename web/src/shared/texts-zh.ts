// All Chinese texts, one file of the build.
export default import.meta.glob<object>("/src/*/locales/zh.json", {
  eager: true,
  import: "default",
});
