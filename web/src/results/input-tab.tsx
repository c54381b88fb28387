// What the chosen node was given; on request its output beside it.
import { Button, SegmentedControl, Switch } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { DockProps } from "../model/dock";
import { ArtifactView } from "./artifact/artifact-view";
import classes from "./artifact/artifact.module.css";
import { type Input, inputsOf } from "./artifact/inputs";
import { Nothing } from "./artifact/nothing";
import OutputTab from "./output-tab";

export default function InputTab(props: DockProps) {
  const { t } = useTranslation("results");
  const [chosen, setChosen] = useState<string | null>(null);
  const [beside, setBeside] = useState(false);
  const inputs = inputsOf(props);
  const input = inputs.find(({ label }) => label === chosen) ?? inputs[0];
  if (props.node === null) return <Nothing reason="no_node" />;
  if (props.spec && !props.spec.inputs.length) return <Nothing reason="no_ports" />;
  if (!input) return <Nothing reason="not_connected" />;
  return (
    <div className={classes.tab}>
      <div className={classes.bar}>
        {inputs.length > 1 ? (
          <SegmentedControl
            size="xs"
            data={inputs.map(({ label }) => label)}
            value={input.label}
            onChange={setChosen}
            aria-label={t("input.port")}
          />
        ) : (
          <strong>{input.label}</strong>
        )}
        <Button
          size="compact-xs"
          variant="subtle"
          onClick={() => props.onChoose(input.source.node)}
        >
          {t("input.from", input.source)}
        </Button>
        <Switch
          size="xs"
          checked={beside}
          onChange={(event) => setBeside(event.currentTarget.checked)}
          label={t("input.beside")}
        />
      </div>
      {beside ? (
        <div className={classes.side}>
          <InputBody input={input} onAction={props.onAction} />
          <OutputTab {...props} />
        </div>
      ) : (
        <InputBody input={input} onAction={props.onAction} />
      )}
    </div>
  );
}

function InputBody({ input, onAction }: { input: Input } & Pick<DockProps, "onAction">) {
  const { look, source } = input;
  return (
    <div className={classes.body}>
      {"reason" in look ? (
        <Nothing reason={look.reason} onAction={onAction} />
      ) : (
        <ArtifactView
          key={look.output.digest}
          digest={look.output.digest}
          kind={look.output.kind}
          name={`${source.node}-${source.port}`}
          onAction={onAction}
        />
      )}
    </div>
  );
}
