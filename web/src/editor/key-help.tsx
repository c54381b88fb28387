// Every action with its keys, from the one registry.
import { Kbd } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { groupBy } from "../model/group";
import { chordText } from "../shared/keys";
import { commandName, COMMANDS } from "./commands";
import classes from "./key-help.module.css";

export default function KeyHelp() {
  const { t } = useTranslation("editor");
  const groups = groupBy(
    COMMANDS.filter(({ keys }) => keys.length > 0),
    ({ group }) => group,
  );
  return (
    <div className={classes.help}>
      {[...groups].map(([group, commands]) => (
        <section key={group} className={classes.group}>
          <h3>{t(`help.${group}`)}</h3>
          <dl>
            {commands.map((command) => (
              <div key={command.id} className={classes.row}>
                <dt>{commandName(command)}</dt>
                <dd>
                  {command.keys.map((chord) => (
                    <span key={chord} className={classes.chord}>
                      {chordText(chord).map((key) => (
                        <Kbd key={key} size="xs">
                          {key}
                        </Kbd>
                      ))}
                    </span>
                  ))}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      <p className={classes.note}>{t("help.note")}</p>
    </div>
  );
}
