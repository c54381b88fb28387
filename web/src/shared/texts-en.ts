// All English texts, one file of the build.
export default import.meta.glob<object>("/src/*/locales/en.json", {
  eager: true,
  import: "default",
});
