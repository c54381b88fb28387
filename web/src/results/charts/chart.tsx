// A chart with its title, a sentence that says what it shows, its numbers as a table, and its files.
import { ActionIcon, Menu, Skeleton, useComputedColorScheme } from "@mantine/core";
import { ChartLine, Ellipsis, FileImage, FileSpreadsheet, Image, Table2 } from "lucide-react";
import { type RefObject, useEffect, useId, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Cell } from "../csv";
import { toCsv } from "../csv";
import { saveFile } from "../download";
import { formatNumber } from "../format";
import { SCROLLS } from "../scrolls";
import type { Option } from "./base";
import { type Colours, readColours } from "./colours";
import classes from "./chart.module.css";
import type { ECharts } from "./echarts";
import { savePng, saveSvg } from "./export";

export interface Numbers {
  columns: string[];
  rows: Cell[][];
}

export interface ChartProps {
  title: string;
  /** What the chart shows, in one sentence: for those who do not see it, and under the title. */
  summary: string;
  /** Keep its identity while nothing changes: every new one is drawn. */
  option: (colours: Colours) => Option;
  numbers: () => Numbers;
  file: string;
  height?: number;
}

export function Chart({ title, summary, option, numbers, file, height = 240 }: ChartProps) {
  const [asTable, setAsTable] = useState(false);
  const element = useRef<HTMLDivElement>(null);
  const id = useId();
  return (
    <figure className={classes.figure} aria-labelledby={id}>
      <figcaption className={classes.caption}>
        <div>
          <h3 id={id} className={classes.title}>
            {title}
          </h3>
          <p className={classes.summary}>{summary}</p>
        </div>
        <ChartMenu {...{ title, asTable, setAsTable, element, numbers, file }} />
      </figcaption>
      {asTable ? (
        <NumbersTable numbers={numbers()} height={height} label={title} />
      ) : (
        <Drawing element={element} option={option} height={height} label={`${title}. ${summary}`} />
      )}
    </figure>
  );
}

interface DrawingProps {
  element: RefObject<HTMLDivElement | null>;
  option: ChartProps["option"];
  height: number;
  label: string;
}

export function Drawing({ element, option, height, label }: DrawingProps) {
  const scheme = useComputedColorScheme("light");
  const [chart, setChart] = useState<ECharts | null>(null);
  // The colours are read anew whenever the theme changes.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const drawn = useMemo(() => option(readColours()), [option, scheme]);

  useEffect(() => {
    const target = element.current!;
    let made: ECharts | null = null;
    let gone = false;
    void import("./echarts").then(({ startChart }) => {
      if (gone) return;
      made = startChart(target);
      setChart(made);
    });
    const observer = new ResizeObserver(() => made?.resize());
    observer.observe(target);
    return () => {
      gone = true;
      observer.disconnect();
      made?.dispose();
      setChart(null);
    };
  }, [element]);

  useEffect(() => {
    chart?.setOption(drawn, { replaceMerge: ["series"] });
  }, [chart, drawn]);

  return (
    <div className={classes.drawing} style={{ height }}>
      {!chart && <Skeleton height={height - 16} radius="sm" animate={false} />}
      <div ref={element} role="img" aria-label={label} className={classes.canvas} />
    </div>
  );
}

interface MenuProps {
  title: string;
  asTable: boolean;
  setAsTable: (value: boolean) => void;
  element: RefObject<HTMLDivElement | null>;
  numbers: () => Numbers;
  file: string;
}

function ChartMenu({ title, asTable, setAsTable, element, numbers, file }: MenuProps) {
  const { t } = useTranslation("results");
  const svg = () => element.current?.querySelector("svg") as SVGSVGElement;
  const saveCsv = () => {
    const { columns, rows } = numbers();
    saveFile(`${file}.csv`, toCsv(columns, rows), "text/csv;charset=utf-8");
  };
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t("chart.menu", { title })}>
          <Ellipsis size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={asTable ? <ChartLine size={14} /> : <Table2 size={14} />}
          onClick={() => setAsTable(!asTable)}
        >
          {t(asTable ? "chart.show_chart" : "chart.show_numbers")}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          leftSection={<Image size={14} />}
          disabled={asTable}
          onClick={() => void savePng(svg(), file, readColours().surface)}
        >
          {t("chart.save_png")}
        </Menu.Item>
        <Menu.Item
          leftSection={<FileImage size={14} />}
          disabled={asTable}
          onClick={() => saveSvg(svg(), file)}
        >
          {t("chart.save_svg")}
        </Menu.Item>
        <Menu.Item leftSection={<FileSpreadsheet size={14} />} onClick={saveCsv}>
          {t("chart.save_csv")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

interface TableProps {
  numbers: Numbers;
  height: number;
  label: string;
}

function NumbersTable({ numbers, height, label }: TableProps) {
  return (
    <div {...SCROLLS} className={classes.numbers} style={{ height }} aria-label={label}>
      <table>
        <thead>
          <tr>
            {numbers.columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {numbers.rows.map((row, place) => (
            <tr key={place}>
              {row.map((cell, column) => (
                <td key={column}>{typeof cell === "number" ? formatNumber(cell) : cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
