// Titles of the shipped templates in the language that is shown; others keep their own.
import i18next from "i18next";

export function templateText(name: string, title: string, description: string) {
  const key = `home:template.${name}`;
  const text = (part: string, own: string) =>
    i18next.exists(`${key}.${part}`) ? i18next.t(`${key}.${part}`) : own;
  return { title: text("title", title), description: text("description", description) };
}
